import assert from 'node:assert/strict';
import { createCache, KvasirError } from '@kvasir/core';
import { memoryRemote } from '@kvasir/core/testing';

const cache = createCache({ tiers: [memoryRemote()] });
const products = cache.namespace('product', { ttl: '1m' });
const load = () => ({ name: 'mead', brewed: new Date(0) });

assert.deepEqual(await products.getOrLoad('1', load, { tags: ['mead'] }), load());
assert.deepEqual(await products.get('1'), load());
await cache.invalidateTags('mead');
assert.equal(await products.get('1'), undefined);
await products.set('2', { name: 'ale' });
assert.deepEqual(await products.getMany(['1', '2']), [undefined, { name: 'ale' }]);
assert.throws(() => createCache({ tiers: [] }), KvasirError);
await cache.close();
