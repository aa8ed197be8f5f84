import assert from 'node:assert/strict';
import { createCache } from '@kvasir/core';
import { keyv } from '@kvasir/keyv';
import Keyv from 'keyv';

const cache = createCache({ tiers: [keyv({ store: new Keyv() })] });
const values = cache.namespace('value');
await values.set('a', { when: new Date(0), big: 2n ** 70n });
assert.deepEqual(await values.get('a'), { when: new Date(0), big: 2n ** 70n });
await values.delete('a');
assert.equal(await values.get('a'), undefined);
await cache.close();
