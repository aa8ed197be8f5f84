import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAD, NO_ROW, Rows } from '../../src/predict/rows.ts';

const WIDTH = HEAD + 1;
const BUCKET_BYTES = 4 * 4 * WIDTH;

describe('Rows', () => {
  it('holds in each bucket what four slips of paper would hold, the last used on top', () => {
    const step = fc.record({
      tag: fc.integer({ min: 1, max: 9 }),
      act: fc.constantFrom('obtain', 'find', 'drop', 'use'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const rows = new Rows(BUCKET_BYTES, WIDTH);
        let slips: { tag: number; value: number }[] = [];
        for (const [at, { tag, act }] of steps.entries()) {
          const known = slips.find((slip) => slip.tag === tag);
          const found = rows.find(tag);
          expect(found === NO_ROW).toBe(known === undefined);
          if (known !== undefined) expect(rows.words[found * WIDTH + HEAD]).toBe(known.value);
          if (act === 'drop' && found !== NO_ROW) {
            rows.drop(found);
            slips = slips.filter((slip) => slip !== known);
          }
          if (act === 'use' && found !== NO_ROW) rows.use(found);
          if (act === 'obtain') {
            const row = rows.obtain(tag);
            expect(rows.isNew).toBe(known === undefined);
            expect(rows.words[row * WIDTH + HEAD]).toBe(known?.value ?? 0);
            rows.words[row * WIDTH + HEAD] = at + 1;
          }
          if (act === 'obtain' || (act === 'use' && known !== undefined)) {
            const value = act === 'obtain' ? at + 1 : (known?.value ?? 0);
            slips = [{ tag, value }, ...slips.filter((slip) => slip !== known)].slice(0, 4);
          }
        }
      }),
    );
  });

  it('finds every tag of 32 bits in its bucket, and takes no more bytes than it was given', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 32 - 1 }),
        fc.integer({ min: BUCKET_BYTES, max: 10_000 }),
        (tag, bytes) => {
          const rows = new Rows(bytes, WIDTH);
          expect(rows.bytes).toBeLessThanOrEqual(bytes);
          const row = rows.obtain(tag);
          expect(row).toBeLessThan(rows.length);
          expect(rows.find(tag)).toBe(row);
        },
      ),
    );
  });
});
