import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createApp, runTour, type Showcase } from '@kvasir-examples/showcase';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';

let showcase: Showcase;

beforeAll(async () => {
  showcase = await createApp();
}, 120_000);

afterAll(async () => {
  await showcase.close();
});

test('shows a page with a card for each of the four scenarios', async () => {
  const page = await request(showcase.app).get('/').expect(200);
  expect(page.text).toContain('id="scenarios"');
  await request(showcase.app).get('/page.js').expect(200);
  expect((await request(showcase.app).get('/kv-cache/uniform').expect(200)).text).toContain('leaves 91 slots empty');
  const { body } = await request(showcase.app).get('/api/scenarios').expect(200);
  expect(body.map((scenario: { id: string }) => scenario.id)).toEqual(['inference', 'weights', 'query', 'web']);
});

test('tours every scenario cold and warm, each answered from cache the second time, with what it really is', async () => {
  const server = showcase.app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lines: string[] = [];
  for await (const line of runTour(base, showcase.scenarios)) lines.push(line);
  server.closeAllConnections();
  server.close();
  expect(lines).toHaveLength(9);
  for (const [index, id] of ['inference', 'weights', 'query', 'web'].entries()) {
    const [times, excerpt] = lines.slice(1 + 2 * index) as [string, string];
    expect(times).toMatch(new RegExp(`^${id} .* ms .* ms .*x {3}kvasir; fwd=.* {2}→ {2}kvasir; hit`));
    expect(excerpt).toMatch(
      { inference: /CAFE/, weights: /10,822,323 bytes, sha256 06b3e6af/, query: /revenue/, web: /Courier/ }[
        id
      ] as RegExp,
    );
  }
});

test('counts what each cache does, and is cold again after forgetting', async () => {
  await request(showcase.app).post('/api/scenarios/query/forget').expect(204);
  const cold = await request(showcase.app).get('/query/best-sellers').expect(200);
  expect(cold.headers['cache-status']).toContain('fwd=miss');
  const before = (await request(showcase.app).get('/api/stats')).body.query.hits;
  const warm = await request(showcase.app).get('/query/best-sellers').expect(200);
  expect(warm.headers['cache-status']).toContain('hit');
  expect((await request(showcase.app).get('/api/stats')).body.query.hits).toBe(before + 1);
  await request(showcase.app).post('/api/scenarios/nothing/forget').expect(404);
});
