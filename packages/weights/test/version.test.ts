import { createHash } from 'node:crypto';
import { type IncomingMessage, get as request } from 'node:http';
import { bytes, createCache } from '@kvasir/core';
import { memoryRemote, until } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import { describe, expect, test } from 'vitest';
import { arrives, bytesOf, isSame, MIB, makeWeights, patterned, serve } from './support/app.ts';
import { answer, type Fault, type OriginFile, sendBody, startOrigin, writeHead } from './support/origin.ts';

const file = patterned(9 * MIB + 321);

test('asks the origin once for a file, however many ask for it at once', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { get, url, models } = await serve({ origin: origin.url });
  const whole = Array.from({ length: 5 }, () => arrives(get('a.bin'), file));
  const ranges = Array.from({ length: 8 }, async (_, i) => {
    const range = `bytes=${i * MIB + 100}-${i * MIB + 199}`;
    const body = await bytesOf(await fetch(`${url}/a.bin`, { headers: { range } }));
    return isSame(body, file.subarray(i * MIB + 100, i * MIB + 200));
  });
  const reads = [models.open('a.bin').then(async (opened) => isSame(await opened.bytes(), file))];
  expect(new Set(await Promise.all([...whole, ...ranges, ...reads]))).toEqual(new Set([true]));
  expect(origin.served).toBe(file.byteLength);
  expect(origin.requests.filter((line) => line.startsWith('HEAD'))).toHaveLength(1);
});

test('says of those who joined that they were collapsed', async () => {
  const origin = await startOrigin({ 'a.bin': file.subarray(0, 1000) });
  const { get } = await serve({ origin: origin.url });
  const answers = await Promise.all(Array.from({ length: 5 }, () => get('a.bin')));
  const statuses = answers.map(({ headers }) => headers.get('cache-status') ?? '');
  expect(statuses.filter((status) => status.includes('; stored'))).toHaveLength(1);
  expect(statuses.filter((status) => status.includes('; collapsed'))).toHaveLength(4);
});

test('waits for the first answer before it asks twice: an origin without ranges is read once by all', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (req, res, given) => {
    delete req.headers.range;
    answer(req, res, given);
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  const ranges = [0, 3, 8].map(async (block) => {
    const range = `bytes=${block * MIB}-${block * MIB + 9}`;
    return isSame(await bytesOf(await get('a.bin', { range })), file.subarray(block * MIB, block * MIB + 10));
  });
  expect(await Promise.all(ranges)).toEqual([true, true, true]);
  expect(await arrives(get('a.bin'), file)).toBe(true);
  expect(origin.served).toBe(file.byteLength);
});

test('checks what a shared tier gives against the digests of a file that was seen whole', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const remote = memoryRemote();
  const ours = createCache({ tiers: [memory({ maxEntries: 0 }), remote] });
  const { models } = await makeWeights({ origin: origin.url, cache: ours, maxDiskBytes: 0 });
  await models.prefetch('a.bin');
  // Another process that has got a wrong block and does not know it yet.
  const theirs = createCache({ tiers: [remote] });
  const id = (await models.open('a.bin')).etag.replaceAll('"', '');
  const originId = createHash('sha256').update(origin.url).digest('hex').slice(0, 16);
  const blocks = theirs.namespace('weights.blocks', { codec: bytes, ttl: Infinity });
  await blocks.set(`${originId}/${id}/a.bin/2`, new Uint8Array(MIB));
  const opened = await models.open('a.bin');
  expect(await opened.read(2 * MIB, 2 * MIB + 9)).toEqual(file.slice(2 * MIB, 2 * MIB + 9));
});

test('merges neighbouring blocks into one range of at most eight, and asks for nothing that is here', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { get } = await serve({ origin: origin.url });
  await bytesOf(await get('a.bin', { range: `bytes=${3 * MIB}-${4 * MIB - 1}` }));
  await bytesOf(await get('a.bin'));
  const last = file.byteLength - 1;
  expect(origin.requests.slice(2).sort()).toEqual(
    [
      `GET /a.bin bytes=${3 * MIB}-${4 * MIB - 1}`,
      `GET /a.bin bytes=0-${3 * MIB - 1}`,
      `GET /a.bin bytes=${4 * MIB}-${8 * MIB - 1}`,
      `GET /a.bin bytes=${8 * MIB}-${last}`,
    ].sort(),
  );
});

/** An origin that sends block after block, each when told. */
function stepwise(): { fault: Fault; step: () => void } {
  const waiting: (() => void)[] = [];
  let steps = 0;
  return {
    step() {
      steps++;
      waiting.shift()?.();
    },
    fault: (req, res, given) => {
      if (req.method !== 'GET') return undefined;
      void send(given, writeHead(req, res, given));
      return true;
      async function send(of: OriginFile, { start, end }: { start: number; end: number }): Promise<void> {
        for (let at = start; at < end; at += MIB) {
          if (steps === 0) await new Promise<void>((resolve) => waiting.push(resolve));
          steps--;
          res.write(of.bytes.subarray(at, Math.min(end, at + MIB)));
        }
        sendBody(res, new Uint8Array());
      }
    },
  };
}

test('sends the first block before the last has come', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { fault, step } = stepwise();
  origin.fault = fault;
  const { get } = await serve({ origin: origin.url });
  step();
  const response = await get('a.bin');
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(first?.value?.byteLength).toBeGreaterThan(0);
  await reader?.cancel();
});

test('goes on for the others when a client leaves, the one that began as well', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { fault, step } = stepwise();
  origin.fault = fault;
  const { url, get } = await serve({ origin: origin.url });
  const leaving = new AbortController();
  step();
  const begun = await fetch(`${url}/a.bin`, { signal: leaving.signal });
  const staying = arrives(get('a.bin'), file);
  leaving.abort();
  await expect(bytesOf(begun)).rejects.toThrow();
  for (let i = 0; i < 10; i++) step();
  expect(await staying).toBe(true);
  expect(origin.requests.filter((line) => line.includes('bytes=0-'))).toHaveLength(1);
});

describe('a client that does not read', () => {
  /** Gets the head and then takes nothing. */
  function stall(url: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request(url, (res) => {
        res.pause();
        resolve(res);
      }).on('error', reject);
    });
  }

  test('holds nobody up', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    // Less than the file: those who read go back to the disk while the others stand still.
    const cache = createCache({ tiers: [memory({ maxBytes: 4 * MIB })] });
    const { url, get } = await serve({ origin: origin.url, cache });
    const stalled = await Promise.all(Array.from({ length: 4 }, () => stall(`${url}/a.bin`)));
    expect(await arrives(get('a.bin'), file)).toBe(true);
    expect(origin.served).toBe(file.byteLength);
    for (const response of stalled) response.destroy();
  });

  test('keeps no run of the origin open: the file is fetched at the pace of the origin', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const { url, models } = await serve({ origin: origin.url });
    const response = await stall(`${url}/a.bin`);
    await until(
      'the first stretch is on disk',
      async () => (await models.open('a.bin')).state().blocksOnDisk >= 8,
      30_000,
    );
    response.destroy();
  });
});
