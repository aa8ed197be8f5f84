import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { arrives, breaks, bytesOf, isSame, MIB, makeFolder, makeWeights, patterned, serve } from './support/app.ts';
import { sendBody, startOrigin, type TestOrigin, writeHead } from './support/origin.ts';

const file = patterned(3 * MIB + 321);
const digest = createHash('sha256').update(file).digest('hex');

/** One bit of block 1 flips on its way, which TCP's checksum may well miss. */
function flipBit(origin: TestOrigin): void {
  origin.fault = (req, res, given) => {
    if (req.method !== 'GET') return undefined;
    const { start, end } = writeHead(req, res, given);
    const flipped = Uint8Array.from(given.bytes);
    flipped[MIB + 5] = (flipped[MIB + 5] ?? 0) ^ 1;
    sendBody(res, flipped.subarray(start, end));
    return true;
  };
}

/** What a client has got when the answer ends, and whether it ended well. */
function receive(url: string): Promise<{ status: number; length: number; isComplete: boolean }> {
  return new Promise((resolve, reject) => {
    request(url, (res) => {
      let length = 0;
      res.on('data', (chunk: Uint8Array) => {
        length += chunk.byteLength;
      });
      res.on('error', () => undefined);
      res.on('close', () => resolve({ status: res.statusCode ?? 0, length, isComplete: res.complete }));
    })
      .on('error', reject)
      .end();
  });
}

describe('with a digest known before', () => {
  test('sends what comes, but not the end of a file that is not what it should be', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    flipBit(origin);
    const { url, events } = await serve({ origin: origin.url, digests: { 'a.bin': digest } });
    const { status, length, isComplete } = await receive(`${url}/a.bin`);
    expect([status, isComplete]).toEqual([200, false]);
    expect(length).toBeLessThanOrEqual(3 * MIB);
    expect(events.filter(({ type }) => type === 'error')).toEqual([
      expect.objectContaining({ code: 'UNVERIFIED', name: 'a.bin' }),
    ]);
    expect(events.some(({ type }) => type === 'sealed')).toBe(false);
  });

  test('keeps nothing of it, on disk or in memory, and serves the good file when the origin has it', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    flipBit(origin);
    const { url, get, models } = await serve({ origin: origin.url, digests: { 'a.bin': digest } });
    await receive(`${url}/a.bin`);
    expect((await models.open('a.bin')).state()).toMatchObject({ blocksOnDisk: 0, verified: 'none' });
    origin.fault = undefined;
    expect(await arrives(get('a.bin'), file)).toBe(true);
    await models.prefetch('a.bin');
    expect((await models.open('a.bin')).state()).toMatchObject({ blocksOnDisk: 4, verified: 'independent' });
  });

  test('with verify full sends nothing before all is checked', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    flipBit(origin);
    const { get, models } = await serve({ origin: origin.url, digests: { 'a.bin': digest }, verify: 'full' });
    const refused = await get('a.bin', { range: 'bytes=0-9' });
    expect([refused.status, await refused.text()]).toEqual([502, 'The file is not what it should be\n']);
    await expect(models.open('a.bin').then((opened) => opened.read(0, 10))).rejects.toMatchObject({
      code: 'UNVERIFIED',
    });
    origin.fault = undefined;
    const served = await get('a.bin', { range: 'bytes=0-9' });
    expect(served.headers.get('cache-status')).toContain('detail=verified');
    expect(await bytesOf(served)).toEqual(file.subarray(0, 10));
  });

  test('checks a file that ranges have made whole, before the last byte goes out', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    flipBit(origin);
    const { get } = await serve({ origin: origin.url, digests: { 'a.bin': digest } });
    await bytesOf(await get('a.bin', { range: `bytes=0-${2 * MIB}` }));
    expect(await breaks(get('a.bin', { range: `bytes=${2 * MIB}-` }))).toBe(true);
  });

  test('withholds an end that was here before the rest, from the whole and from a range that completes it', async () => {
    const origin = await startOrigin({ 'a.bin': file, 'b.bin': file });
    flipBit(origin);
    const { get } = await serve({ origin: origin.url, digests: { 'a.bin': digest, 'b.bin': digest } });
    for (const name of ['a.bin', 'b.bin']) await bytesOf(await get(name, { range: 'bytes=-8' }));
    expect(await breaks(get('a.bin'))).toBe(true);
    // Block 0 comes last: out of order nothing could be hashed before it.
    await bytesOf(await get('b.bin', { range: `bytes=${MIB}-${2 * MIB}` }));
    expect(await breaks(get('b.bin', { range: 'bytes=1-' }))).toBe(true);
  });

  test('does not pull a whole file for a range at its end', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const { get } = await serve({ origin: origin.url, digests: { 'a.bin': digest } });
    expect(await bytesOf(await get('a.bin', { range: 'bytes=-8' }))).toEqual(file.subarray(-8));
    expect(origin.served).toBe(321);
  });

  test('refuses an empty file where there should be another', async () => {
    const origin = await startOrigin({ 'a.bin': new Uint8Array() });
    const { get } = await serve({ origin: origin.url, digests: { 'a.bin': digest } });
    expect((await get('a.bin')).status).toBe(502);
    origin.files.set('a.bin', { bytes: file, etag: '"v2"' });
    expect(await arrives(get('a.bin'), file)).toBe(true);
  });

  test('takes a function for digests, and refuses what is none', async () => {
    const origin = await startOrigin({ 'a.bin': file, 'b.bin': file });
    const digests = (name: string): string => (name === 'a.bin' ? digest.toUpperCase() : 'none');
    const { models } = await makeWeights({ origin: origin.url, digests });
    expect(await (await models.open('a.bin')).verify()).toBe(digest);
    await expect(models.open('b.bin')).rejects.toMatchObject({ code: 'UNVERIFIED' });
  });
});

describe('without a digest', () => {
  test('records the one that it finds, and says so', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const { get, models, events } = await serve({ origin: origin.url });
    await bytesOf(await get('a.bin'));
    expect((await models.open('a.bin')).state()).toMatchObject({ verified: 'first-use', sha256: digest });
    expect(events).toContainEqual({ type: 'sealed', name: 'a.bin', sha256: digest, independent: false });
  });

  test('holds what it fetches again to the record, also after a restart', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const directory = await makeFolder();
    const first = await makeWeights({ origin: origin.url, directory, maxDiskBytes: 4 * MIB });
    await first.models.prefetch('a.bin');
    await first.models.close();
    // Room for half of it: the rest has to come again.
    const { models } = await makeWeights({ origin: origin.url, directory, maxDiskBytes: 2 * MIB });
    flipBit(origin);
    const opened = await models.open('a.bin');
    expect(opened.state()).toMatchObject({ verified: 'first-use', sha256: digest });
    // The damaged block itself, which is sent to nobody.
    await expect(opened.read(MIB, MIB + 10)).rejects.toMatchObject({ code: 'UNVERIFIED' });
    origin.fault = undefined;
    expect(isSame(await (await models.open('a.bin')).bytes(), file)).toBe(true);
  });

  test('counts a record as verified when the digest becomes known, and drops it when it is another', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const directory = await makeFolder();
    const first = await makeWeights({ origin: origin.url, directory });
    await first.models.prefetch('a.bin');
    const known = await makeWeights({ origin: origin.url, directory, digests: { 'a.bin': digest } });
    expect((await known.models.open('a.bin')).state()).toMatchObject({ verified: 'independent', blocksOnDisk: 4 });
    const other = await makeWeights({ origin: origin.url, directory, digests: { 'a.bin': '0'.repeat(64) } });
    expect((await other.models.open('a.bin')).state()).toMatchObject({ verified: 'none', blocksOnDisk: 0 });
    await expect(other.models.prefetch('a.bin')).rejects.toMatchObject({ code: 'UNVERIFIED' });
  });
});
