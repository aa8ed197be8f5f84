// Smoke only: a pool of three methods stands for PostgreSQL here. The package's own tests ask a real one.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { cachedPool } from '@kvasir/query';

let asked = 0;
const result = { command: 'SELECT', rowCount: 1, oid: null, fields: [], rows: [{ name: 'mead' }] };
const pool = Object.assign(new EventEmitter(), {
  query: async () => {
    asked += 1;
    return result;
  },
  connect: async () => Object.assign(new EventEmitter(), { query: pool.query, release() {} }),
  end: async () => undefined,
});

const cached = cachedPool(pool);
assert.equal(typeof cached.query, 'function');
assert.deepEqual((await cached.query('SELECT name FROM product')).rows, [{ name: 'mead' }]);
assert.ok(asked > 0);
