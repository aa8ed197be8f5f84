import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKey } from '../../src/hash.ts';
import { KeyTable } from '../../src/predict/key-table.ts';

describe('KeyTable', () => {
  it('gives back the key that was kept last under any hash, or none, and never the text of another', () => {
    const key = fc.string({ minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(fc.array(key, { maxLength: 120, size: 'max' }), (keys) => {
        const table = new KeyTable(4_096);
        for (const each of keys) {
          const hash = hashKey(each) || 1;
          table.keep(hash, each);
          expect(table.bytes).toBeLessThanOrEqual(4_096);
          const found = table.find(hash);
          if (found !== undefined) expect(found).toBe(each);
        }
      }),
    );
  });

  it('forgets what was not seen for long before what was', () => {
    const table = new KeyTable(2 ** 14);
    const hot = hashKey('hot');
    for (let at = 0; at < 2_000; at++) {
      table.keep(hot, 'hot');
      table.keep(hashKey(`passing ${at}`), `passing ${at} ${'.'.repeat(50)}`);
    }
    expect(table.find(hot)).toBe('hot');
    expect(table.find(hashKey('passing 0'))).toBeUndefined();
  });
});
