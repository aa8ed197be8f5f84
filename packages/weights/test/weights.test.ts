import { readdir } from 'node:fs/promises';
import { controlOf } from '@kvasir/core/http';
import express from 'express';
import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  EXPRESS,
  isSame,
  listen,
  MIB,
  makeFolder,
  makeWeights,
  mount,
  patterned,
  serve,
} from './support/app.ts';
import { startOrigin } from './support/origin.ts';

const file = patterned(3 * MIB + 321);

describe.each(EXPRESS)('under %s', (_, make) => {
  test('serves a file cold from the origin and warm without it', async () => {
    const origin = await startOrigin({ 'org/a.bin': file });
    const { models } = await makeWeights({ origin: origin.url });
    const url = await mount(models, make);
    const cold = await fetch(`${url}/org/a.bin`);
    expect(cold.status).toBe(200);
    expect(isSame(await bytesOf(cold), file)).toBe(true);
    const asked = origin.requests.length;
    const warm = await fetch(`${url}/org/a.bin`);
    expect(isSame(await bytesOf(warm), file)).toBe(true);
    expect(origin.requests).toHaveLength(asked);
    expect(cold.headers.get('cache-status')).toBe('kvasir; fwd=uri-miss; stored; detail=unverified');
    expect(warm.headers.get('cache-status')).toMatch(/^kvasir; hit; ttl=\d+; detail=first-use$/);
    for (const { headers } of [cold, warm]) {
      expect(headers.get('content-length')).toBe(String(file.byteLength));
      expect(headers.get('accept-ranges')).toBe('bytes');
      expect(headers.get('content-type')).toBe('application/octet-stream');
      expect(headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    }
  });

  test('answers ranges, and pulls only the blocks that they touch', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const { models } = await makeWeights({ origin: origin.url });
    const url = await mount(models, make);
    const ask = async (range: string): Promise<readonly [number, string | null, Uint8Array]> => {
      const response = await fetch(`${url}/a.bin`, { headers: { range } });
      return [response.status, response.headers.get('content-range'), await bytesOf(response)];
    };
    const size = file.byteLength;
    expect(await ask('bytes=10-19')).toEqual([206, `bytes 10-19/${size}`, file.subarray(10, 20)]);
    expect(origin.served).toBe(MIB);
    expect(await ask('bytes=-5')).toEqual([206, `bytes ${size - 5}-${size - 1}/${size}`, file.subarray(-5)]);
    expect(origin.served).toBe(MIB + 321);
    expect(await ask(`bytes=${MIB - 1}-${MIB}`)).toEqual([
      206,
      `bytes ${MIB - 1}-${MIB}/${size}`,
      file.subarray(MIB - 1, MIB + 1),
    ]);
    const [status, range, body] = await ask(`bytes=${2 * MIB + 7}-`);
    expect([status, range]).toEqual([206, `bytes ${2 * MIB + 7}-${size - 1}/${size}`]);
    expect(isSame(body, file.subarray(2 * MIB + 7))).toBe(true);
    expect(await ask(`bytes=${size}-`)).toEqual([416, `bytes */${size}`, new Uint8Array()]);
    expect((await ask('bytes=0-1,5-6'))[0]).toBe(200);
    expect(origin.served).toBe(size);
  });

  test('answers conditional requests', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const { models } = await makeWeights({ origin: origin.url });
    const url = `${await mount(models, make)}/a.bin`;
    const etag = (await fetch(url, { method: 'HEAD' })).headers.get('etag') ?? '';
    const status = async (headers: Record<string, string>): Promise<number> => {
      const response = await fetch(url, { headers });
      await bytesOf(response);
      return response.status;
    };
    expect(await status({ 'if-none-match': etag })).toBe(304);
    expect(await status({ 'if-none-match': `"x", W/${etag}` })).toBe(304);
    expect(await status({ 'if-none-match': '*' })).toBe(304);
    expect(await status({ 'if-none-match': '"x"' })).toBe(200);
    expect(await status({ 'if-match': '"x"' })).toBe(412);
    expect(await status({ 'if-match': etag })).toBe(200);
    expect(await status({ 'if-range': etag, range: 'bytes=0-9' })).toBe(206);
    expect(await status({ 'if-range': '"x"', range: 'bytes=0-9' })).toBe(200);
    expect(await status({ 'if-range': `W/${etag}`, range: 'bytes=0-9' })).toBe(200);
    expect(await status({ 'if-range': new Date().toUTCString(), range: 'bytes=0-9' })).toBe(200);
  });

  test('answers HEAD with the length and pulls nothing', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const { models } = await makeWeights({ origin: origin.url });
    const url = `${await mount(models, make)}/a.bin`;
    const response = await fetch(url, { method: 'HEAD', headers: { range: 'bytes=0-1' } });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, String(file.byteLength)]);
    expect(origin.served).toBe(0);
  });

  test('leaves other methods and the mount point itself to the app', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const { models } = await makeWeights({ origin: origin.url });
    const app = make();
    app.use('/models', models);
    app.use((req, res) => void res.status(418).send(req.method));
    const url = await listen(app);
    expect((await fetch(`${url}/models/a.bin`, { method: 'POST' })).status).toBe(418);
    expect((await fetch(`${url}/models/a.bin`, { method: 'DELETE' })).status).toBe(418);
    expect((await fetch(`${url}/models/`)).status).toBe(418);
    expect((await fetch(`${url}/models`)).status).toBe(418);
    expect(origin.requests).toEqual([]);
  });

  test('passes what authorize throws to the app, and serves nothing then', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    const { models } = await makeWeights({ origin: origin.url, authorize: () => Promise.reject(new Error('down')) });
    const app = make();
    app.use('/models', models);
    const url = await listen(app);
    expect((await fetch(`${url}/models/a.bin`)).status).toBe(500);
    expect(origin.requests).toEqual([]);
  });
});

test('serves an empty file', async () => {
  const origin = await startOrigin({ 'empty.bin': new Uint8Array() });
  const { get, models } = await serve({ origin: origin.url });
  const response = await get('empty.bin');
  expect([response.status, response.headers.get('content-length')]).toEqual([200, '0']);
  expect((await get('empty.bin', { range: 'bytes=0-' })).status).toBe(416);
  const emptyDigest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  expect(await (await models.open('empty.bin')).verify()).toBe(emptyDigest);
});

test('says nothing of the old version when the file turns out to be another before the head is sent', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { get, models } = await serve({ origin: origin.url });
  const { etag } = await models.open('a.bin');
  origin.files.set('a.bin', { bytes: file.subarray(1), etag: '"v2"' });
  const response = await get('a.bin', { range: 'bytes=0-9', 'if-range': etag });
  expect([response.status, response.headers.get('content-range')]).toEqual([200, null]);
  expect(isSame(await bytesOf(response), file.subarray(1))).toBe(true);
});

test('lets authorize send a request past the cache', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { get } = await serve({
    origin: origin.url,
    authorize(req) {
      (req as express.Request).kvasir?.skip();
      return true;
    },
  });
  expect((await get('a.bin', { range: 'bytes=0-0' })).headers.get('cache-status')).toContain('detail=skip');
});

test('leaves nothing on disk for a file that was only asked about', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const directory = await makeFolder();
  const { url } = await serve({ origin: origin.url, directory });
  expect((await fetch(`${url}/a.bin`, { method: 'HEAD' })).status).toBe(200);
  expect(await readdir(directory)).toEqual([]);
});

test('answers 404 for what the origin has not, and asks for it again', async () => {
  const origin = await startOrigin();
  const { get } = await serve({ origin: origin.url });
  expect((await get('new.bin')).status).toBe(404);
  origin.files.set('new.bin', { bytes: file, etag: '"n"' });
  expect((await get('new.bin')).status).toBe(200);
});

test('goes past the cache when the request says skip, and keeps nothing of it', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { models } = await makeWeights({ origin: origin.url });
  const app = express();
  app.use((req, _res, next) => {
    if (req.query['fresh'] !== undefined) controlOf(req).skip();
    next();
  });
  app.use('/models', models);
  const url = `${await listen(app)}/models/a.bin`;
  const skipped = await fetch(`${url}?fresh`, { headers: { range: 'bytes=5-1048580' } });
  expect(skipped.headers.get('cache-status')).toBe('kvasir; fwd=bypass; detail=skip');
  expect(isSame(await bytesOf(skipped), file.subarray(5, 1_048_581))).toBe(true);
  expect((await fetch(`${url}?fresh`, { method: 'HEAD' })).headers.get('content-length')).toBe(String(file.byteLength));
  const cached = await fetch(url);
  expect(cached.headers.get('cache-status')).toContain('fwd=uri-miss');
  await bytesOf(cached);
});

test('forgets a file everywhere', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { get, models } = await serve({ origin: origin.url });
  await bytesOf(await get('a.bin'));
  await models.forget('a.bin');
  const before = origin.served;
  const response = await get('a.bin');
  await bytesOf(response);
  expect(response.headers.get('cache-status')).toContain('fwd=uri-miss');
  expect(origin.served - before).toBe(file.byteLength);
});

test('names its file in text only when that is safe, whatever the path', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { url } = await serve({ origin: origin.url });
  const answers = await Promise.all(
    ['/%2e%2e%2fsecret', '/.env', '/a%5c..%5cb', '/a//b', '/%zz', '/a%00b', '/<script>'].map(async (path) => {
      const response = await fetch(url + path);
      return [response.status, response.headers.get('content-type'), await response.text()];
    }),
  );
  expect(answers.map(([status]) => status)).toEqual([404, 404, 404, 404, 400, 404, 404]);
  expect(new Set(answers.map(([, type]) => type))).toEqual(new Set(['text/plain; charset=utf-8']));
  expect(answers.map(([, , text]) => text).join('')).not.toContain('script');
  expect(origin.requests).toEqual(['HEAD /%3Cscript%3E']);
});
