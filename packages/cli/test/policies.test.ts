import assert from 'node:assert/strict';
import * as core from '@kvasir/core';
import { KvasirError } from '@kvasir/core';
import { describe, it } from 'vitest';
import { makePolicy, POLICY_NAMES, readPolicies } from '../src/policies.ts';

describe('the policies by name', () => {
  it('are those that core exports, under the same names, and the default of memory', () => {
    const exported: Readonly<Record<string, unknown>> = core;
    for (const name of POLICY_NAMES) {
      const policy = makePolicy(name);
      assert.equal(policy === undefined, name === 'default');
      if (policy !== undefined) assert.equal(typeof exported[name], 'function');
      assert.equal(typeof policy?.(10).evict, policy === undefined ? 'undefined' : 'function');
    }
  });

  it('may be written in any case, with hyphens, and twice', () => {
    assert.deepEqual(readPolicies('LRU,w-tiny-lfu,lru,s3fifo'), ['lru', 'wTinyLfu', 's3Fifo']);
  });

  it.each(['', 'lru,', 'fifo', '__proto__', 'constructor'])('refuse %j', (text) => {
    assert.throws(() => readPolicies(text), KvasirError);
  });
});
