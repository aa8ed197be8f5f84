import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@kvasir/core/testing';
import { createApp, createWeights, DIGESTS, FILES, modelFolder, type WeightsApp } from '@kvasir-examples/weights';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';

let example: WeightsApp;

beforeAll(async () => {
  example = await createApp();
});

afterAll(() => example.close());

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('serves a real weight file cold through the origin, then warm from memory, the same bytes', async () => {
  const path = `/models/${FILES.detection}`;
  const cold = await request(example.app).get(path).buffer(true).expect(200);
  expect(cold.headers['cache-status']).toBe('kvasir; fwd=uri-miss; stored; detail=unverified');
  const warm = await request(example.app).get(path).buffer(true).expect(200);
  expect(warm.headers['cache-status']).toMatch(/^kvasir; hit; ttl=\d+; detail=verified$/);
  const published = await readFile(join(modelFolder(), FILES.detection));
  for (const { body } of [cold, warm]) {
    expect(sha256(body)).toBe(sha256(published));
    expect(sha256(body)).toBe(DIGESTS[FILES.detection]);
  }
});

test('answers a range with those bytes of the file', async () => {
  const { body, headers } = await request(example.app)
    .get(`/models/${FILES.recognition}`)
    .set('Range', 'bytes=5000000-5000099')
    .buffer(true)
    .expect(206);
  const published = await readFile(join(modelFolder(), FILES.recognition));
  expect(headers['content-range']).toBe(`bytes 5000000-5000099/${published.byteLength}`);
  expect(Buffer.compare(body, published.subarray(5_000_000, 5_000_100))).toBe(0);
});

test('lists the files with their sizes, blocks and what is known of their digests', async () => {
  await request(example.app).get(`/models/${FILES.orientation}`).expect(200);
  // The answer does not wait for the disk.
  const listed = await until('the block is on disk', async () => {
    const { body } = await request(example.app).get('/files').expect(200);
    const file = body.find(({ name }: { name: string }) => name === FILES.orientation);
    return file.blocksOnDisk === 1 && file;
  });
  expect(listed).toEqual({
    name: FILES.orientation,
    size: 578_966,
    etag: `"${DIGESTS[FILES.orientation]}"`,
    blocks: 1,
    blocksOnDisk: 1,
    verified: 'independent',
    sha256: DIGESTS[FILES.orientation],
  });
});

test('forgets a file, which is then cold again', async () => {
  const path = `/models/${FILES.characters}`;
  await request(example.app).get(path).expect(200);
  await request(example.app).post(`/forget/${FILES.characters}`).expect(204);
  const { headers } = await request(example.app).get(path).expect(200);
  expect(headers['cache-status']).toBe('kvasir; fwd=uri-miss; stored; detail=verified');
});

test('shows a page', async () => {
  const { text } = await request(example.app).get('/').expect('content-type', /html/).expect(200);
  expect(text).toContain('<h1>Weights</h1>');
});

test('gives the files of a model to the process that runs it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kvasir-models-'));
  const { weights, close } = await createWeights({ directory });
  const characters = await weights.open(FILES.characters);
  const lines = new TextDecoder()
    .decode(await characters.bytes())
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(6623);
  expect(characters.state().verified).toBe('independent');
  await close();
  await rm(directory, { recursive: true });
});
