import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cache, createCache } from '@kvasir/core';
import { until } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import { expect, test } from 'vitest';
import { writeBlockFile } from '../src/disk/block-file.ts';
import { arrives, MIB, makeFolder, makeWeights, patterned, serve } from './support/app.ts';
import { startOrigin } from './support/origin.ts';

const file = patterned(10 * MIB + 321);
const fill = fileURLToPath(new URL('support/fill.ts', import.meta.url));

function noMemory(): Cache {
  return createCache({ tiers: [memory({ maxEntries: 0 })] });
}

async function blockFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter(({ name }) => /^[0-9a-f]{32}-\d+$/.test(name))
    .map(({ parentPath, name }) => join(parentPath, name));
}

test('after kill -9 in the middle of a file fetches what is missing, and nothing twice', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const directory = await makeFolder();
  let isWaiting = false;
  // Never gives the end, so that the process is surely killed in the middle.
  origin.fault = (req) => {
    const start = Number(/bytes=(\d+)/.exec(req.headers.range ?? '')?.[1]);
    if (req.method !== 'GET' || start < 8 * MIB) return undefined;
    isWaiting = true;
    return true;
  };
  const child = fork(fill, [origin.url, directory, 'a.bin'], {
    execArgv: ['--import', 'tsx', '--conditions=@kvasir/source'],
    stdio: 'inherit',
  });
  await until(
    'the first stretch is on disk',
    async () => (await blockFiles(directory)).length === 8 && isWaiting,
    30_000,
  );
  child.kill('SIGKILL');
  await once(child, 'exit');

  origin.fault = undefined;
  origin.served = 0;
  const { models, get } = await serve({ origin: origin.url, directory });
  expect((await models.open('a.bin')).state()).toMatchObject({ blocksOnDisk: 8, verified: 'none' });
  expect(await arrives(get('a.bin'), file)).toBe(true);
  expect(origin.served).toBe(file.byteLength - 8 * MIB);
});

test('a restart fetches nothing of a file that was complete, and knows its digest', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const directory = await makeFolder();
  const first = await makeWeights({ origin: origin.url, directory });
  await first.models.prefetch('a.bin');
  await first.models.close();
  const { get, models } = await serve({ origin: origin.url, directory });
  origin.served = 0;
  expect((await models.open('a.bin')).state()).toMatchObject({ blocksOnDisk: 11, verified: 'first-use' });
  const response = await get('a.bin');
  expect(response.headers.get('cache-status')).toContain('hit');
  expect(await arrives(Promise.resolve(response), file)).toBe(true);
  expect(origin.served).toBe(0);
});

test('a block that was damaged on disk is found, fetched again and told of', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const directory = await makeFolder();
  const first = await makeWeights({ origin: origin.url, directory });
  await first.models.prefetch('a.bin');
  await first.models.close();
  const path = (await blockFiles(directory)).find((name) => name.endsWith('-3')) ?? '';
  const bytes = await readFile(path);
  bytes[1234] = (bytes[1234] ?? 0) ^ 4;
  await writeFile(path, bytes);
  const { get, events } = await serve({ origin: origin.url, directory });
  origin.served = 0;
  expect(await arrives(get('a.bin'), file)).toBe(true);
  expect(origin.served).toBe(MIB);
  expect(events).toContainEqual(expect.objectContaining({ type: 'error', name: 'a.bin', code: 'CORRUPT_ENVELOPE' }));
});

test('a block that another process has written wrong into the same directory is found as well', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const directory = await makeFolder();
  const { models, get, events } = await serve({ origin: origin.url, directory, cache: noMemory() });
  await models.prefetch('a.bin');
  const path = (await blockFiles(directory)).find((name) => name.endsWith('-3')) ?? '';
  await writeBlockFile(path, new Uint8Array(MIB));
  expect(await arrives(get('a.bin'), file)).toBe(true);
  expect(events).toContainEqual(expect.objectContaining({ type: 'error', name: 'a.bin', code: 'CORRUPT_ENVELOPE' }));
});

test('keeps to its limit on disk, also when a file is larger than that, and still serves and checks it', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const directory = await makeFolder();
  const { get, models } = await serve({ origin: origin.url, directory, maxDiskBytes: 4 * MIB });
  expect(await arrives(get('a.bin'), file)).toBe(true);
  await models.prefetch('a.bin');
  expect((await blockFiles(directory)).length).toBeLessThanOrEqual(4);
  expect((await models.open('a.bin')).state()).toMatchObject({ verified: 'first-use' });
  expect(origin.served).toBe(file.byteLength);
});

test('streams without keeping when the directory cannot be written, and tells', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const blocked = join(await makeFolder(), 'file');
  await writeFile(blocked, 'in the way');
  const { get, events } = await serve({ origin: origin.url, directory: join(blocked, 'below') });
  expect(await arrives(get('a.bin'), file)).toBe(true);
  expect(events).toContainEqual(expect.objectContaining({ type: 'error', name: undefined, code: 'REMOTE_FAILED' }));
  expect(origin.served).toBe(file.byteLength);
});
