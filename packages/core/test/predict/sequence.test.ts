import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvasirError, type Predictor, type SequenceOptions, sequence } from '../../src/index.ts';

function ask(predictor: Predictor, key: string, depth = 1, stream = 's'): string[] {
  return predictor.predict(key, stream, 0.3, depth).map((prediction) => prediction.key);
}

function read(predictor: Predictor, keys: readonly string[], stream = 's'): void {
  for (const key of keys) predictor.observe(key, stream);
}

describe('sequence', () => {
  it('goes on where a run goes, once a stride has repeated', () => {
    const predictor = sequence();
    read(predictor, ['block:17', 'block:18']);
    expect(ask(predictor, 'block:18')).toEqual([]);
    read(predictor, ['block:19']);
    expect(ask(predictor, 'block:19')).toEqual(['block:20']);
  });

  it.each([
    [
      ['5', '6', '7'],
      ['8', '9'],
    ],
    [
      ['row 10', 'row 30', 'row 50'],
      ['row 70', 'row 90'],
    ],
    [
      ['p9', 'p7', 'p5'],
      ['p3', 'p1'],
    ],
    [
      ['img008', 'img009', 'img010'],
      ['img011', 'img012'],
    ],
    [
      ['a098', 'a099', 'a100'],
      ['a101', 'a102'],
    ],
    [
      ['x1', 'x1', 'x2', 'x2', 'x3'],
      ['x4', 'x5'],
    ],
    [['n4', 'n2', 'n0'], []],
    [['left', 'middle', 'right'], []],
  ])('after %j expects %j', (keys, expected) => {
    const predictor = sequence();
    read(predictor, keys);
    expect(ask(predictor, keys.at(-1) ?? '', 2)).toEqual(expected);
  });

  it('follows any stride from any number under any stem', () => {
    const number = fc.integer({ min: 0, max: 10 ** 9 });
    const stride = fc.integer({ min: -1_000, max: 1_000 }).filter((value) => value !== 0);
    const stem = fc.string({ maxLength: 10 }).filter((text) => !/\d$/.test(text));
    fc.assert(
      fc.property(stem, number, stride, fc.integer({ min: 3, max: 20 }), (name, first, by, length) => {
        const predictor = sequence({ maxBytes: '64KB' });
        const numbers = Array.from({ length }, (_, at) => first + at * by).filter((value) => value >= 0);
        for (const value of numbers) predictor.observe(`${name}${value}`, 's');
        const next = first + numbers.length * by;
        const expected = numbers.length >= 3 && next >= 0 ? [`${name}${next}`] : [];
        expect(ask(predictor, `${name}${numbers.at(-1)}`)).toEqual(expected);
      }),
    );
  });

  it('keeps streams and stems apart', () => {
    const predictor = sequence();
    for (let at = 1; at < 5; at++) {
      predictor.observe(`block:${at}`, 'one');
      predictor.observe(`block:${at * 10}`, 'two');
      predictor.observe(`page:${at * 7}`, 'one');
    }
    expect(ask(predictor, 'block:4', 1, 'one')).toEqual(['block:5']);
    expect(ask(predictor, 'block:40', 1, 'two')).toEqual(['block:50']);
    expect(ask(predictor, 'page:28', 1, 'one')).toEqual(['page:35']);
  });

  it('believes runs as far as runs have gone on', () => {
    const short = sequence();
    for (let run = 0; run < 100; run++) read(short, [`k${run * 1_000}`, `k${run * 1_000 + 1}`, `k${run * 1_000 + 2}`]);
    expect(ask(short, 'k99002', 8)).toEqual([]);
    const long = sequence();
    for (let at = 0; at < 300; at++) long.observe(`k${at}`, 's');
    expect(ask(long, 'k299', 8)).toHaveLength(8);
  });

  it('stays within its bound', () => {
    const predictor = sequence({ maxBytes: '64KB' });
    for (let at = 0; at < 10_000; at++) predictor.observe(`stem ${at} of 1`, `stream ${at}`);
    expect(predictor.bytes).toBeLessThanOrEqual(65_536);
  });

  it.each([{ maxBytes: 0 }, { window: 3 }])('refuses %j', (options) => {
    expect(() => sequence(options as SequenceOptions)).toThrow(KvasirError);
  });
});
