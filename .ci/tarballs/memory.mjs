import assert from 'node:assert/strict';
import { createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';

const cache = createCache({ tiers: [memory({ maxEntries: 100 })] });
const numbers = cache.namespace('number');
await numbers.set('one', 1);
assert.equal(numbers.getSync('one'), 1);
assert.equal(numbers.getSync('two'), undefined);
await cache.close();
