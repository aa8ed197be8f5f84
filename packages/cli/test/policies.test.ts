import assert from 'node:assert/strict';
import * as core from '@kvasir/core';
import { KvasirError } from '@kvasir/core';
import { describe, it } from 'vitest';
import { makePolicy, POLICY_NAMES, readPolicies } from '../src/policies.ts';

describe('the policies by name', () => {
  it('are those that core exports, under the same names', () => {
    const exported: Readonly<Record<string, unknown>> = core;
    for (const name of POLICY_NAMES) {
      assert.equal(typeof exported[name], 'function');
      assert.equal(typeof makePolicy(name)(10).evict, 'function');
    }
    assert.throws(() => makePolicy('fifo'), KvasirError);
  });

  it('may be written in any case, with hyphens, and twice', () => {
    assert.deepEqual(readPolicies('LRU,w-tiny-lfu,lru,s3fifo'), ['lru', 'wTinyLfu', 's3Fifo']);
  });

  it.each(['', 'lru,', 'fifo', '__proto__', 'constructor'])('refuse %j', (text) => {
    assert.throws(() => readPolicies(text), KvasirError);
  });
});
