import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvasirError, type MarkovOptions, markov, type Prediction, type Predictor } from '../../src/index.ts';

function walk(predictor: Predictor, keys: string, stream = 's'): void {
  for (const key of keys) predictor.observe(key, stream);
}

const shown = (predictions: readonly Prediction[]): string[] =>
  predictions.map(({ key, probability }) => `${key} ${probability}`);

describe('markov', () => {
  it('knows nothing before it has seen something', () => {
    expect(markov().predict('a', 's', 0)).toEqual([]);
  });

  it('measures how often each key followed, likeliest first, and names only those above the threshold', () => {
    const predictor = markov();
    for (const next of ['b', 'b', 'b', 'c', 'c', 'd', 'e', 'e']) walk(predictor, `xa${next}`, `stream of ${next}`);
    // Streams of one visit each: the pair (x, a) and the single a have seen the same.
    expect(shown(predictor.predict('a', 'new', 0))).toEqual(['b 0.375', 'c 0.25', 'e 0.25', 'd 0.125']);
    expect(shown(predictor.predict('a', 'new', 0.25))).toEqual(['b 0.375']);
    expect(predictor.predict('a', 'new', 0.375)).toEqual([]);
  });

  it('tells by two keys of context what one key mixes, once the pair has been seen twice', () => {
    const predictor = markov();
    walk(predictor, 'xay');
    walk(predictor, 'pay', 'other');
    walk(predictor, 'pan', 'third');
    expect(shown(predictor.predict('a', 's', 0, 'p'))).toEqual(['y 0.5', 'n 0.5']);
    walk(predictor, 'xayxay', 'fourth');
    // One look at (x, a) was not enough before; the single key has seen y four times in five.
    expect(shown(predictor.predict('a', 's', 0, 'x'))).toEqual(['y 1']);
    expect(shown(predictor.predict('a', 's', 0, 'unseen'))).toEqual(['y 0.8', 'n 0.2']);
  });

  it('takes the context from the stream, also for a key that has not come yet', () => {
    const predictor = markov();
    walk(predictor, 'xay-xay-pan-pan');
    walk(predictor, 'xa', 'at a by x');
    expect(shown(predictor.predict('a', 'at a by x', 0))).toEqual(['y 1']);
    walk(predictor, 'p', 'at p');
    expect(shown(predictor.predict('a', 'at p', 0))).toEqual(['n 1']);
  });

  it('keeps streams apart: what two users do in turns is not a sequence', () => {
    const predictor = markov();
    for (const key of 'abcabc') {
      predictor.observe(key, 'one');
      predictor.observe(key.toUpperCase(), 'two');
    }
    expect(shown(predictor.predict('a', 'one', 0))).toEqual(['b 1']);
    expect(shown(predictor.predict('A', 'two', 0))).toEqual(['B 1']);
  });

  it('takes a key that repeats itself for one visit', () => {
    const predictor = markov();
    walk(predictor, 'aaabbbaaab');
    expect(shown(predictor.predict('a', 's', 0))).toEqual(['b 1']);
    expect(shown(predictor.predict('b', 's', 0))).toEqual(['a 1']);
  });

  it('agrees with counting, for any streams, until it begins to forget', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), stream: fc.constantFrom('1', '2') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const predictor = markov();
        const walks = new Map<string, string[]>();
        for (const { key, stream } of steps) {
          predictor.observe(key, stream);
          const walked = walks.get(stream) ?? [];
          if (walked.at(-1) !== key) walks.set(stream, [...walked, key]);
        }
        const followers = (context: string): string[] =>
          [...walks.values()].flatMap((walked) =>
            walked.filter((_, at) => at > 0 && walked.slice(0, at).join('').endsWith(context)),
          );
        for (const before of 'abcd') {
          for (const key of 'abcd') {
            const pair = before === key ? [] : followers(before + key);
            const seen = pair.length >= 2 ? pair : followers(key);
            const counted = new Map(
              seen.map((next) => [next, seen.filter((one) => one === next).length / seen.length]),
            );
            const predicted = new Map(predictor.predict(key, '1', 0, before).map((p) => [p.key, p.probability]));
            expect(predicted).toEqual(counted);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('follows a change of habit within some dozens of visits', () => {
    const predictor = markov();
    walk(predictor, 'ab'.repeat(1_000));
    walk(predictor, 'ac'.repeat(60));
    expect(predictor.predict('a', 'new', 0.5)[0]?.key).toBe('c');
  });

  it('never promises more than it saw when a state has more followers than places', () => {
    const predictor = markov({ maxSuccessors: 2 });
    for (const next of 'bcdefgbhbibjbkb') walk(predictor, `a${next}`, next);
    const predictions = predictor.predict('a', 'new', 0);
    expect(predictions.length).toBeLessThanOrEqual(2);
    for (const { probability } of predictions) expect(probability).toBeLessThanOrEqual(5 / 15);
  });

  it('lets a new follower take the place of the rarest, once it has come as often', () => {
    const predictor = markov({ maxSuccessors: 2 });
    for (const [at, next] of ['b', 'b', 'b', 'c', 'c', 'd', 'd', 'd'].entries()) walk(predictor, `a${next}`, `${at}`);
    expect(shown(predictor.predict('a', 'new', 0))).toEqual(['b 0.375', 'd 0.25']);
  });

  it('forgets the least recently used states and streams, and no others', () => {
    const predictor = markov({ maxStates: 3, maxStreams: 2 });
    walk(predictor, 'ab', '1');
    walk(predictor, 'cd', '2');
    walk(predictor, 'ef', '3');
    walk(predictor, 'ab', '1');
    walk(predictor, 'gh', '2');
    expect(predictor.predict('c', 'new', 0)).toEqual([]);
    expect(shown(predictor.predict('a', 'new', 0))).toEqual(['b 1']);
    // Stream 3 was forgotten twice: x does not follow f.
    walk(predictor, 'x', '3');
    expect(predictor.predict('f', 'new', 0)).toEqual([]);
  });

  it('does not learn from keys or streams too long to be held by the thousand', () => {
    const predictor = markov();
    const long = 'k'.repeat(2_049);
    predictor.observe('a', 's');
    predictor.observe(long, 's');
    predictor.observe('a', long);
    predictor.observe('b', long);
    expect(predictor.predict('a', 's', 0)).toEqual([]);
    expect(predictor.predict(long, 's', 0)).toEqual([]);
  });

  it.each([{ maxStates: 0 }, { maxStreams: 1.5 }, { maxSuccessors: -1 }, { order: 3 }])('refuses %j', (options) => {
    expect(() => markov(options as MarkovOptions)).toThrow(KvasirError);
  });
});
