import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, type InferenceAppOptions } from '@kvasir-examples/inference';
import { createApp as createWeightsApp } from '@kvasir-examples/weights';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';

const RECEIPT = [
  "MIMIR'S WELL CAFE",
  /^14 Ash Street.{1,2}Bergen$/,
  '2 Coffee',
  '7.80',
  '1 Apple cake',
  '5.40',
  /^1 Mead.{1,2}small$/,
  '6.25',
  'TOTAL',
  '19.45',
  'Paid by card',
  '19.45',
  /^Thank you.{1,2}come again$/,
];

const image = (name: string): Promise<Buffer> =>
  readFile(new URL(`../examples/inference/images/${name}`, import.meta.url));

interface Reading {
  readonly text: string;
  readonly lines: readonly { readonly text: string; readonly confidence: number }[];
}

/** An app whose models are loaded. */
async function start(options?: InferenceAppOptions): Promise<ReturnType<typeof createApp>> {
  const made = createApp(options);
  await made.ready();
  return made;
}

describe('the inference example', () => {
  let made: ReturnType<typeof createApp>;
  const runs = async (): Promise<unknown> => ((await request(made.app).get('/stats')).body as { runs: unknown }).runs;

  beforeAll(async () => {
    made = await start();
  });

  it('reads the text of a receipt, line by line', async () => {
    const response = await request(made.app).post('/read').send({ image: 'receipt.png' });
    expect(response.headers['cache-status']).toBe('kvasir; fwd=miss; fwd-status=200');
    const { lines } = response.body as Reading;
    expect(lines).toHaveLength(RECEIPT.length);
    for (const [index, expected] of RECEIPT.entries()) expect(lines[index]?.text).toMatch(expected);
    expect(Math.min(...lines.map(({ confidence }) => confidence))).toBeGreaterThan(0.9);
  });

  it('answers it again from cache, at least ten times faster than the models', async () => {
    await made.cache.clear();
    const ask = async (): Promise<{ ms: number; status: string; body: unknown }> => {
      const begin = performance.now();
      const response = await request(made.app).post('/read').send({ image: 'receipt.png' });
      return { ms: performance.now() - begin, status: String(response.headers['cache-status']), body: response.body };
    };
    const cold = await ask();
    const warm = [await ask(), await ask(), await ask()];
    for (const { status, body } of warm) expect([status.slice(0, 11), body]).toEqual(['kvasir; hit', cold.body]);
    expect(Math.min(...warm.map(({ ms }) => ms)) * 10).toBeLessThan(cold.ms);
  });

  it('needs no model for a picture whose text it has read, however it is sent', async () => {
    await request(made.app).post('/read').send({ image: 'sign.png' });
    const before = await runs();
    const png = await image('sign.png');
    const sent = [
      request(made.app)
        .post('/read')
        .send({ png: png.toString('base64') }),
      request(made.app).post('/read').type('image/png').send(png),
    ];
    for (const response of await Promise.all(sent))
      expect((response.body as Reading).text).toMatch(/^PLATFORM ?9\nTrains to Oslo and Bergen\nMind the gap$/);
    expect(await runs()).toEqual(before);
  });

  it('refuses what it cannot read', async () => {
    expect((await request(made.app).post('/read').send({ image: '../app.ts' })).status).toBe(400);
    expect((await request(made.app).post('/read').send({ png: 'bm8gcG5n' })).status).toBe(422);
    expect((await request(made.app).post('/read').type('json').send('{"image":')).status).toBe(400);
  });

  it('shows a page with its images', async () => {
    const page = await request(made.app).get('/');
    expect(page.text).toContain('images/paragraph.png');
    expect((await request(made.app).get('/images/paragraph.png')).headers['content-type']).toBe('image/png');
  });

  it('loads its models from a server that has them behind weights()', async () => {
    const models = await createWeightsApp();
    const server = createServer(models.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { app } = await start({ weightsUrl: `http://127.0.0.1:${port}/models` });
      const { body } = await request(app).post('/read').send({ image: 'paragraph.png' });
      expect((body as Reading).text).toContain('Whoever drinks of the mead becomes a poet\n');
    } finally {
      server.closeAllConnections();
      server.close();
      await models.close();
    }
  });
});
