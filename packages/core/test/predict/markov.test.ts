import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvasirError, type MarkovOptions, markov, type Predictor } from '../../src/index.ts';
import { SlowMarkov } from '../support/slow-markov.ts';

function walk(predictor: Predictor, keys: string, stream = 's'): void {
  for (const key of keys) predictor.observe(key, stream);
}

function likeliest(predictor: Predictor, key: string, stream = 'new'): string | undefined {
  return predictor.predict(key, stream, 0).toSorted((a, b) => b.probability - a.probability)[0]?.key;
}

function keysOf(predictor: Predictor, key: string, threshold: number, depth: number, stream = 'new'): string {
  return predictor
    .predict(key, stream, threshold, depth)
    .map((prediction) => prediction.key)
    .join('');
}

describe('markov', () => {
  it('knows nothing before it has seen something', () => {
    expect(markov().predict('a', 's', 0)).toEqual([]);
  });

  it('agrees with a slow model that keeps everything, for any streams', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), stream: fc.constantFrom('1', '2') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const predictor = markov({ maxBytes: '256KB' });
        const model = new SlowMarkov();
        for (const { key, stream } of steps) {
          predictor.observe(key, stream);
          model.observe(key, stream);
        }
        // A stream of its own for each pair of keys: it is thought to be at the second after the first.
        for (const before of 'abcdef') {
          for (const key of 'abcdef') {
            const said = predictor.predict(key, 'unknown', 0);
            expect(new Map(said.map((p) => [p.key, p.probability]))).toEqual(model.next(undefined, key));
            if (key === before) continue;
            predictor.observe(before, `at ${before}`);
            const after = predictor.predict(key, `at ${before}`, 0);
            expect(new Map(after.map((p) => [p.key, p.probability]))).toEqual(model.next(before, key));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('joins all ways to a key, as the slow model does, as long as no branch is left out', () => {
    const step = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), fc.integer({ min: 1, max: 4 }), (steps, depth) => {
        const predictor = markov({ maxBytes: '256KB' });
        const model = new SlowMarkov();
        for (const key of steps) {
          predictor.observe(key, 's');
          model.observe(key, 's');
        }
        for (const key of 'abc') {
          const said = new Map(predictor.predict(key, 'unknown', 0, depth).map((p) => [p.key, p.probability]));
          const known = model.within(undefined, key, depth);
          expect([...said.keys()].toSorted()).toEqual([...known.keys()].toSorted());
          for (const [next, probability] of known) expect(said.get(next)).toBeCloseTo(probability, 9);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('tells by two keys of context what one key mixes', () => {
    const predictor = markov();
    walk(predictor, 'xay-pan-'.repeat(20));
    walk(predictor, 'xa', 'by x');
    walk(predictor, 'p', 'at p');
    expect(likeliest(predictor, 'a', 'by x')).toBe('y');
    expect(likeliest(predictor, 'a', 'at p')).toBe('n');
    expect(predictor.predict('a', 'by x', 0.9)).toHaveLength(1);
    expect(predictor.predict('a', 'unknown', 0.9)).toHaveLength(0);
  });

  it('keeps streams apart: what two users do in turns is not a sequence', () => {
    const predictor = markov();
    for (const key of 'abcabc') {
      predictor.observe(key, 'one');
      predictor.observe(key.toUpperCase(), 'two');
    }
    expect(keysOf(predictor, 'a', 0, 1)).toBe('b');
    expect(keysOf(predictor, 'A', 0, 1)).toBe('B');
  });

  it('takes a key that repeats itself for one visit', () => {
    const predictor = markov();
    walk(predictor, 'aaabbbaaab');
    expect(keysOf(predictor, 'a', 0, 1)).toBe('b');
    expect(keysOf(predictor, 'b', 0, 1)).toBe('a');
  });

  it('follows a chain for as long as its product stays above the threshold, nearest first, each key once', () => {
    const predictor = markov();
    walk(predictor, 'abcdefgh'.repeat(60));
    expect(keysOf(predictor, 'a', 0.5, 5)).toBe('bcdef');
    expect(predictor.predict('a', 'new', 0.5, 5).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(keysOf(predictor, 'a', 0.5, 64)).toBe('bcdefgh');
    const steps = predictor.predict('a', 'new', 0, 4).map(({ probability }) => probability);
    expect(steps).toEqual(steps.toSorted((a, b) => b - a));
    expect(steps[3]).toBeLessThan(steps[0] ?? 0);
  });

  it('does not believe what was seen once, where what was seen once did not come again', () => {
    const random = markov();
    let state = 1;
    for (let at = 0; at < 3_000; at++) {
      state = (state * 48_271) % 2_147_483_647;
      random.observe(`k${state % 1_000}`, 's');
    }
    const ordered = markov();
    for (const day of [1, 2]) {
      for (let at = 0; at < 1_000; at++) {
        ordered.observe(`door ${at}`, `visitor ${at} of day ${day}`);
        ordered.observe(`room ${at}`, `visitor ${at} of day ${day}`);
      }
    }
    ordered.observe('once', 'o');
    ordered.observe('then', 'o');
    random.observe('once', 'r');
    random.observe('then', 'r');
    expect(random.predict('once', 'new', 0)[0]?.probability).toBeLessThan(0.1);
    expect(ordered.predict('once', 'new', 0)[0]?.probability).toBeGreaterThan(0.9);
  });

  it('no longer predicts from a state whose predictions do not come true', () => {
    const predictor = markov();
    walk(predictor, 'ab'.repeat(40));
    expect(keysOf(predictor, 'a', 0.5, 1)).toBe('b');
    for (let at = 0; at < 200; at++) walk(predictor, `a${String.fromCharCode(200 + at)}`);
    expect(predictor.predict('a', 'new', 0.3)).toEqual([]);
  });

  it('follows a change of habit within some dozens of visits', () => {
    const predictor = markov();
    walk(predictor, 'ab'.repeat(1_000));
    walk(predictor, 'ac'.repeat(60));
    expect(likeliest(predictor, 'a')).toBe('c');
  });

  it('never holds more than its bound, whatever it is shown', () => {
    const step = fc.record({ key: fc.string({ maxLength: 2_500 }), stream: fc.string({ maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const predictor = markov({ maxBytes: 65_536 });
        for (const { key, stream } of steps) {
          predictor.observe(key, stream);
          expect(predictor.bytes).toBeLessThanOrEqual(65_536);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('keeps what is in use while a hundred times its bound passes by', () => {
    const predictor = markov({ maxBytes: '64KB' });
    for (let at = 0; at < 100_000; at++) {
      predictor.observe(`passing ${at}`, 'crawler');
      if (at % 10 === 0) walk(predictor, 'ab');
    }
    expect(predictor.bytes).toBeLessThanOrEqual(65_536);
    expect(keysOf(predictor, 'a', 0.5, 1)).toBe('b');
    expect(predictor.predict('passing 5', 'new', 0)).toEqual([]);
  });

  it('names the state that it predicts from, the same one each time', () => {
    const predictor = markov();
    walk(predictor, 'abcabc');
    const [first] = predictor.predict('a', 'new', 0);
    const [again] = predictor.predict('a', 'newer', 0);
    const [other] = predictor.predict('b', 'new', 0);
    expect(first?.source).toBe(again?.source);
    expect(first?.source).not.toBe(other?.source);
  });

  it('does not learn from keys too long to be held by the thousand', () => {
    const predictor = markov();
    const long = 'k'.repeat(2_049);
    for (const key of ['a', long, 'b', 'a', long, 'b']) predictor.observe(key, 's');
    expect(keysOf(predictor, 'a', 0, 1)).toBe('b');
    expect(predictor.predict(long, 'new', 0)).toEqual([]);
  });

  it.each([{ maxBytes: 1_000 }, { maxBytes: '3GB' }, { maxBytes: Number.NaN }, { maxBytes: 'much' }, { order: 3 }])(
    'refuses %j',
    (options) => {
      expect(() => markov(options as MarkovOptions)).toThrow(KvasirError);
    },
  );
});
