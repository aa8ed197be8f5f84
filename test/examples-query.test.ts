import { createApp, type Shop, app as shopApp } from '@kvasir-examples/query';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Row {
  readonly product: number;
  readonly units: string;
}

let shop: Shop;

beforeAll(async () => {
  shop = await createApp();
});
afterAll(() => shop.close());

async function ask(path: string): Promise<{ body: unknown; status: string | undefined; ms: number }> {
  const begin = performance.now();
  const { body, headers } = await request(shop.app).get(path).expect(200);
  return { body, status: headers['cache-status'], ms: performance.now() - begin };
}

describe('the shop', () => {
  it('answers best-sellers from cache, at least ten times faster than from the database', async () => {
    const cold = await ask('/best-sellers');
    expect(cold.status).toBe('kvasir; fwd=miss; detail=query:0/1');
    expect(cold.body).toHaveLength(10);
    const warm = [await ask('/best-sellers'), await ask('/best-sellers'), await ask('/best-sellers')];
    for (const { body, status } of warm) {
      expect(status).toBe('kvasir; hit; detail=query:1/1');
      expect(body).toEqual(cold.body);
    }
    expect(Math.min(...warm.map(({ ms }) => ms)) * 10).toBeLessThan(cold.ms);
  });

  it('shows an order in the best-sellers as soon as it is placed', async () => {
    const [first] = (await ask('/best-sellers')).body as Row[];
    const order = { customer: 7, lines: [{ product: first?.product, quantity: 1_000 }] };
    await request(shop.app).post('/orders').send(order).expect(201);
    const { body, status } = await ask('/best-sellers');
    expect(status).toBe('kvasir; fwd=miss; detail=query:0/1');
    const [after] = body as Row[];
    expect(after).toMatchObject({ product: first?.product, units: String(Number(first?.units) + 1_000) });
  });

  it('keeps nothing of an order that fails', async () => {
    await ask('/best-sellers');
    const before = await ask('/best-sellers');
    const order = {
      customer: 7,
      lines: [
        { product: 1, quantity: 5 },
        { product: 999_999, quantity: 1 },
      ],
    };
    await request(shop.app).post('/orders').send(order).expect(409);
    const after = await ask('/best-sellers');
    expect(after).toMatchObject({ body: before.body, status: 'kvasir; hit; detail=query:1/1' });
  });

  it('shows the stock and the last sale of a product', async () => {
    const before = (await ask('/products/9')).body as { stock: number };
    expect((await ask('/products/9')).status).toBe('kvasir; hit; detail=query:1/1');
    await request(shop.app)
      .post('/orders')
      .send({ customer: 1, lines: [{ product: 9, quantity: 3 }] })
      .expect(201);
    expect((await ask('/products/9')).body).toMatchObject({ stock: before.stock - 3 });
    await request(shop.app).get('/products/0').expect(404);
    await request(shop.app).get('/products/x').expect(404);
  });

  it('forgets when it is told to', async () => {
    await ask('/best-sellers');
    await request(shop.app).post('/forget').expect(204);
    expect((await ask('/best-sellers')).status).toBe('kvasir; fwd=miss; detail=query:0/1');
  });

  it.each([
    [{}],
    [{ customer: 1, lines: [] }],
    [{ customer: 0, lines: [{ product: 1, quantity: 1 }] }],
    [{ customer: 1, lines: [{ product: 1, quantity: 0.5 }] }],
    [{ customer: 1, lines: [null] }],
  ])('refuses the order %j', async (order) => {
    await request(shop.app).post('/orders').send(order).expect(400);
  });

  it('has a page', async () => {
    expect((await request(shop.app).get('/').expect(200)).text).toContain('Best-sellers');
  });

  it('exports an app that needs nothing to be set up', () => {
    expect(shopApp).toBeTypeOf('function');
  });
});
