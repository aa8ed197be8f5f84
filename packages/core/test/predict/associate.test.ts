import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AssociateOptions, associate, KvasirError, type Predictor } from '../../src/index.ts';

function read(predictor: Predictor, keys: string, stream = 's'): void {
  for (const key of keys) predictor.observe(key, stream);
}

function ask(predictor: Predictor, key: string, threshold = 0.5): string[] {
  return predictor.predict(key, 'new', threshold).map((prediction) => prediction.key);
}

describe('associate', () => {
  it('lets either of two that come together announce the other, in whatever order they came', () => {
    const predictor = associate({ window: 2 });
    for (const [at, pair] of ['ab', 'ba', 'ab', 'ba'].entries()) read(predictor, `${pair}${at}`, `stream ${at}`);
    expect(ask(predictor, 'a')).toEqual(['b']);
    expect(ask(predictor, 'b')).toEqual(['a']);
  });

  it('takes once for chance', () => {
    const predictor = associate();
    read(predictor, 'ab');
    expect(ask(predictor, 'a', 0)).toEqual([]);
  });

  it('counts together only what is within the window of one stream', () => {
    const predictor = associate({ window: 2 });
    for (let at = 0; at < 4; at++) {
      read(predictor, 'axyb', `near ${at}`);
      predictor.observe('c', `one ${at}`);
      predictor.observe('d', `other ${at}`);
    }
    expect(ask(predictor, 'a').toSorted()).toEqual(['x', 'y']);
    expect(ask(predictor, 'c', 0)).toEqual([]);
  });

  it('gives the share of visits that came together, as counting says', () => {
    const pairs = fc.array(fc.constantFrom('ab', 'ba', 'ac', 'ca', 'bc'), { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(pairs, (visits) => {
        const predictor = associate({ window: 1, maxBytes: '64KB' });
        for (const [at, pair] of visits.entries()) read(predictor, pair, `stream ${at}`);
        for (const key of 'abc') {
          const own = visits.filter((pair) => pair.includes(key));
          for (const other of 'abc') {
            const together = own.filter((pair) => other !== key && pair.includes(other)).length;
            const said = predictor.predict(key, 'new', 0).find((prediction) => prediction.key === other);
            expect(said?.probability).toBe(together >= 2 ? together / own.length : undefined);
          }
        }
      }),
    );
  });

  it('stays within its bound', () => {
    const predictor = associate({ maxBytes: '64KB' });
    for (let at = 0; at < 5_000; at++) {
      predictor.observe(`key ${at} ${'.'.repeat(at % 100)}`, `stream ${at % 50}`);
      expect(predictor.bytes).toBeLessThanOrEqual(65_536);
    }
  });

  it.each([{ maxBytes: 0 }, { window: 0 }, { window: 65 }, { depth: 3 }])('refuses %j', (options) => {
    expect(() => associate(options as AssociateOptions)).toThrow(KvasirError);
  });
});
