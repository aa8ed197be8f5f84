import type pg from 'pg';

export interface BestSeller {
  readonly rank: string;
  readonly product: number;
  readonly name: string;
  readonly category: string;
  readonly units: string;
  readonly revenue: string;
  readonly buyers: string;
}

export interface OrderLine {
  readonly product: number;
  readonly quantity: number;
}

/** Reads every order line: some hundred milliseconds on a laptop. */
const BEST_SELLERS = `
  SELECT rank() OVER (ORDER BY sum(l.quantity) DESC, p.id) AS rank, p.id AS product, p.name, c.name AS category,
    sum(l.quantity) AS units, sum(l.quantity * l.price) AS revenue, count(DISTINCT o.customer) AS buyers
  FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN products p ON p.id = l.product JOIN categories c ON c.id = p.category
  GROUP BY p.id, c.id ORDER BY rank LIMIT 10`;

const PRODUCT = `
  SELECT p.id, p.name, p.price, p.stock, c.name AS category,
    (SELECT max(o.placed_at) FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE l.product = p.id) AS last_sold
  FROM products p JOIN categories c ON c.id = p.category WHERE p.id = $1`;

export async function findBestSellers(pool: pg.Pool): Promise<BestSeller[]> {
  return (await pool.query<BestSeller>(BEST_SELLERS)).rows;
}

export async function findProduct(pool: pg.Pool, id: number): Promise<object | undefined> {
  return (await pool.query(PRODUCT, [id])).rows[0];
}

/** All lines or none; undefined when a product is unknown or sold out. Nobody sees the order before its COMMIT, everybody after it. */
export async function placeOrder(
  pool: pg.Pool,
  customer: number,
  lines: readonly OrderLine[],
): Promise<number | undefined> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('INSERT INTO orders (customer) VALUES ($1) RETURNING id', [customer]);
    for (const { product, quantity } of lines) {
      const taken = await client.query(
        'UPDATE products SET stock = stock - $2 WHERE id = $1 AND stock >= $2 RETURNING price',
        [product, quantity],
      );
      const [found] = taken.rows;
      if (found === undefined) {
        await client.query('ROLLBACK');
        return undefined;
      }
      const values = [rows[0].id, product, quantity, found.price];
      await client.query('INSERT INTO order_lines VALUES ($1, $2, $3, $4)', values);
    }
    await client.query('COMMIT');
    return rows[0].id;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
