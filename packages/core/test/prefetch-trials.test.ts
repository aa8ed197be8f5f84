import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Trial, Trials } from '../src/prefetch-trials.ts';

const trialOf = (key: string): Trial => ({
  key,
  predictor: 0,
  probability: 1,
  source: 1,
  step: 1,
  madeAt: 0,
  isGood: true,
  state: 'guessed',
  startedAt: 0,
  bytes: 0,
});

describe('Trials', () => {
  it('keeps each guess for 1,024 requests or until it is taken, and at most 2,048', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 2_500 }),
      wait: fc.constantFrom(0, 0, 0, 1, 300),
      take: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 300, size: 'max' }),
        fc.integer({ min: 0, max: 2_300 }),
        (steps, crowd) => {
          const trials = new Trials();
          let model: { trial: Trial; until: number }[] = [];
          let request = 0;
          const expire = (): void => {
            const overdue: Trial[] = [];
            for (let old = trials.takeOverdue(request); old !== undefined; old = trials.takeOverdue(request))
              overdue.push(old);
            expect(overdue).toEqual(model.slice(0, overdue.length).map(({ trial }) => trial));
            model = model.slice(overdue.length);
            expect(model.every(({ until }) => until > request)).toBe(true);
            expect(model.length).toBeLessThanOrEqual(2_048);
          };
          const add = (key: string): void => {
            if (trials.get(key) !== undefined) return;
            expire();
            const trial = trialOf(key);
            trials.add(trial, request);
            model.push({ trial, until: request + 1_024 });
          };
          for (let key = 0; key < crowd; key++) add(`crowd ${key}`);
          for (const { key, wait, take } of steps) {
            request += wait;
            expire();
            if (!take) add(String(key));
            else {
              const known = model.find(({ trial }) => trial.key === String(key));
              expect(trials.take(String(key))).toBe(known?.trial);
              model = model.filter((each) => each !== known);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
