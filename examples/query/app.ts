import { type Cache, createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { cachedPool, query } from '@kvasir/query';
import express, { type Express } from 'express';
import pg from 'pg';
import { page } from './page.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { SCHEMA, seed } from './seed.ts';
import { findBestSellers, findProduct, type OrderLine, placeOrder } from './shop.ts';

export { type Postgres, startPostgres } from './postgres.ts';

export interface ShopOptions {
  /** A PostgreSQL to be a guest of, in a schema of its own. Default: DATABASE_URL, or else one that npm brings. */
  readonly databaseUrl?: string;
  /** Holds the rows. Default: one of its own, in memory. */
  readonly cache?: Cache;
}

export interface Shop {
  readonly app: Express;
  readonly cache: Cache;
  /** Ends the connections, and the PostgreSQL that was started. */
  readonly close: () => Promise<void>;
}

/** Ready when it resolves: PostgreSQL runs and has the shop's rows. */
export async function createApp(options: ShopOptions = {}): Promise<Shop> {
  const postgres = await startPostgres(options.databaseUrl);
  try {
    await seed(postgres.url);
    return openShop(postgres, options.cache ?? createCache({ tiers: [memory()] }));
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

function openShop(postgres: Postgres, cache: Cache): Shop {
  const connections = new pg.Pool({ connectionString: postgres.url, options: `-c search_path=${SCHEMA}` });
  connections.on('error', (error) => console.error(`the shop lost an idle connection: ${error.message}`));
  const pool = cachedPool(connections, { cache });

  const app = express();
  app.use(query());
  app.get('/', (_req, res) => void res.type('html').send(page()));
  app.get('/best-sellers', async (_req, res) => void res.json(await findBestSellers(pool)));
  app.get('/products/:id', async (req, res) => {
    const id = readId(req.params.id);
    const product = id === undefined ? undefined : await findProduct(pool, id);
    if (product === undefined) res.status(404).json({ error: 'no such product' });
    else res.json(product);
  });
  app.post('/orders', express.json({ limit: '64kb' }), async (req, res) => {
    const order = readOrder(req.body);
    if (order === undefined) {
      res
        .status(400)
        .json({ error: 'expected { "customer": id, "lines": [{ "product": id, "quantity": 1 to 1000 }] }' });
      return;
    }
    const id = await placeOrder(pool, order.customer, order.lines);
    if (id === undefined) res.status(409).json({ error: 'a product is unknown or sold out' });
    else res.status(201).json({ id });
  });
  app.post('/forget', async (_req, res) => {
    await pool.invalidate();
    res.status(204).end();
  });
  app.get('/stats', (_req, res) => void res.json(cache.stats()));

  return {
    app,
    cache,
    async close() {
      await connections.end();
      await postgres.stop();
    },
  };
}

function readOrder(body: unknown): { readonly customer: number; readonly lines: readonly OrderLine[] } | undefined {
  const { customer, lines } = (body ?? {}) as { readonly customer?: unknown; readonly lines?: unknown };
  if (!isBetween(customer, 1, 5_000) || !Array.isArray(lines) || lines.length === 0 || lines.length > 100)
    return undefined;
  const isLine = (line: Partial<OrderLine> | null) =>
    isBetween(line?.product, 1, 2 ** 31 - 1) && isBetween(line?.quantity, 1, 1_000);
  return lines.every(isLine) ? { customer, lines: lines as OrderLine[] } : undefined;
}

function isBetween(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function readId(text: string): number | undefined {
  const id = Number(text);
  return isBetween(id, 1, 2 ** 31 - 1) ? id : undefined;
}

let shop: Promise<Shop> | undefined;

/** The shop as one app; its PostgreSQL starts at the first request, and ends with the process. */
export const app: Express = express().use((req, res, next) => {
  shop ??= createApp();
  shop.then((opened) => opened.app(req, res, next), next);
});
