import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, test } from 'vitest';
import { arrives, breaks, bytesOf, isSame, MIB, makeFolder, makeWeights, patterned, serve } from './support/app.ts';
import { answer, type Fault, startOrigin } from './support/origin.ts';

const old = patterned(9 * MIB + 321);
const fresh = patterned(9 * MIB + 321, 2);

/** Changes the file when the n-th range of it is asked for. */
function changeAt(n: number): Fault {
  let gets = 0;
  return (req, res, file) => {
    if (req.method === 'GET' && ++gets === n) Object.assign(file, { bytes: fresh, etag: '"v2"' });
    answer(req, res, file);
    return true;
  };
}

describe('a file that changes at the origin', () => {
  test('is a new version after the ttl; nothing of the old one is served or kept', async () => {
    const clock = new ManualClock();
    const origin = await startOrigin({ 'a.bin': old });
    const { get, models, events } = await serve({ origin: origin.url, clock, ttl: '1m' });
    const etag = (await get('a.bin')).headers.get('etag');
    await models.prefetch('a.bin');
    origin.files.set('a.bin', { bytes: fresh, etag: '"v2"' });
    await clock.advance(30_000);
    expect(await arrives(get('a.bin'), old)).toBe(true);
    await clock.advance(31_000);
    const response = await get('a.bin');
    expect(isSame(await bytesOf(response), fresh)).toBe(true);
    expect(response.headers.get('etag')).not.toBe(etag);
    expect(events).toContainEqual({ type: 'changed', name: 'a.bin' });
    await models.prefetch('a.bin');
    expect((await models.open('a.bin')).state().blocksOnDisk).toBe(10);
  });

  test('in the middle of a download breaks it, and the next is of the new version alone', async () => {
    const origin = await startOrigin({ 'a.bin': old });
    origin.fault = changeAt(2);
    const { get, events } = await serve({ origin: origin.url });
    expect(await breaks(get('a.bin'))).toBe(true);
    expect(events).toContainEqual({ type: 'changed', name: 'a.bin' });
    expect(await arrives(get('a.bin'), fresh)).toBe(true);
  });

  test('before the first byte went out is answered in its new version at once', async () => {
    const origin = await startOrigin({ 'a.bin': old });
    const { get } = await serve({ origin: origin.url });
    await get('a.bin', { range: 'bytes=0-9' }).then(bytesOf);
    origin.files.set('a.bin', { bytes: fresh, etag: '"v2"' });
    const response = await get('a.bin', { range: `bytes=${5 * MIB}-${5 * MIB + 9}` });
    expect([response.status, await bytesOf(response)]).toEqual([206, fresh.subarray(5 * MIB, 5 * MIB + 10)]);
  });

  test('to another size is noticed by Content-Range alone', async () => {
    const origin = await startOrigin();
    origin.files.set('a.bin', { bytes: old, etag: undefined });
    const { get } = await serve({ origin: origin.url });
    await get('a.bin', { range: 'bytes=0-9' }).then(bytesOf);
    origin.files.set('a.bin', { bytes: fresh.subarray(0, 6 * MIB), etag: undefined });
    const response = await get('a.bin', { range: `bytes=${5 * MIB}-${5 * MIB + 9}` });
    expect([response.status, response.headers.get('content-range')]).toEqual([
      206,
      `bytes ${5 * MIB}-${5 * MIB + 9}/${6 * MIB}`,
    ]);
    expect(await bytesOf(response)).toEqual(fresh.subarray(5 * MIB, 5 * MIB + 10));
  });

  test('fails an opened file, which has to be opened again', async () => {
    const clock = new ManualClock();
    const origin = await startOrigin({ 'a.bin': old });
    const { models } = await makeWeights({ origin: origin.url, clock });
    const opened = await models.open('a.bin');
    await opened.read(0, 10);
    origin.files.set('a.bin', { bytes: fresh, etag: '"v2"' });
    await expect(opened.read(9 * MIB, 9 * MIB + 10)).rejects.toMatchObject({ code: 'ORIGIN_FAILED' });
    expect(await (await models.open('a.bin')).read(0, 10)).toEqual(fresh.subarray(0, 10));
  });
});

describe('an origin that is down', () => {
  test('is not missed for what is here, whatever its age, also after a restart', async () => {
    const clock = new ManualClock();
    const origin = await startOrigin({ 'a.bin': old });
    const directory = await makeFolder();
    const before = await serve({ origin: origin.url, clock, directory });
    await before.models.prefetch('a.bin');
    await origin.close();
    await clock.advance(3_600_000);
    const stale = await before.get('a.bin');
    expect(stale.headers.get('cache-status')).toBe('kvasir; fwd=stale; detail=first-use');
    expect(isSame(await bytesOf(stale), old)).toBe(true);
    await before.models.close();
    const after = await serve({ origin: origin.url, clock, directory });
    expect(await arrives(after.get('a.bin'), old)).toBe(true);
  });

  test('is a 502 for what is not here, and breaks what is here in part', async () => {
    const origin = await startOrigin({ 'a.bin': old, 'b.bin': old });
    const { get } = await serve({ origin: origin.url });
    await get('a.bin', { range: 'bytes=0-9' }).then(bytesOf);
    await origin.close();
    const missing = await get('b.bin');
    expect([missing.status, await missing.text()]).toEqual([502, 'The origin of this file failed\n']);
    expect(missing.headers.get('cache-control')).toBe('no-store');
    expect(await breaks(get('a.bin'))).toBe(true);
    expect((await get('a.bin', { range: 'bytes=5-6' })).status).toBe(206);
  });

  test('is asked again soon', async () => {
    const clock = new ManualClock();
    const origin = await startOrigin({ 'a.bin': old });
    const { get, models } = await serve({ origin: origin.url, clock });
    await models.prefetch('a.bin');
    origin.fault = (_req, res) => (res.writeHead(500).end(), true);
    await clock.advance(301_000);
    expect((await get('a.bin', { range: 'bytes=0-0' })).headers.get('cache-status')).toContain('fwd=stale');
    origin.fault = undefined;
    await clock.advance(5_000);
    expect((await get('a.bin', { range: 'bytes=0-0' })).headers.get('cache-status')).toContain('hit');
  });
});

test.each([401, 403])('an origin that answers %i withdraws what is here', async (status) => {
  const clock = new ManualClock();
  const origin = await startOrigin({ 'a.bin': old });
  const { get, models } = await serve({ origin: origin.url, clock });
  await models.prefetch('a.bin');
  origin.fault = (_req, res) => (res.writeHead(status).end(), true);
  await clock.advance(301_000);
  expect((await get('a.bin')).status).toBe(502);
});

test('an origin without any validator is trusted for the ttl, and its blocks are not mixed after it', async () => {
  const clock = new ManualClock();
  const origin = await startOrigin();
  origin.files.set('a.bin', { bytes: old, etag: undefined });
  const { get } = await serve({ origin: origin.url, clock });
  await get('a.bin', { range: 'bytes=0-9' }).then(bytesOf);
  origin.files.set('a.bin', { bytes: fresh, etag: undefined });
  await clock.advance(301_000);
  expect(await arrives(get('a.bin'), fresh)).toBe(true);
});

test('asks the origin for a description once a ttl, however many ask', async () => {
  const clock = new ManualClock();
  const origin = await startOrigin({ 'a.bin': old });
  const { get } = await serve({ origin: origin.url, clock });
  await Promise.all(Array.from({ length: 10 }, () => get('a.bin', { range: 'bytes=0-0' })));
  await clock.advance(301_000);
  await Promise.all(Array.from({ length: 10 }, () => get('a.bin', { range: 'bytes=0-0' })));
  expect(origin.requests.filter((line) => line.startsWith('HEAD'))).toHaveLength(2);
});
