import { parseDuration, parseSize } from '@kvasir/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('durations and sizes', () => {
  it('are read in their units, whole and in parts', () => {
    const durations = { '250ms': 250, '5s': 5_000, '1.5s': 1_500, '1m': 60_000, '12h': 43_200_000, '7d': 604_800_000 };
    for (const [text, ms] of Object.entries(durations)) expect(parseDuration('ttl', text as '1s')).toBe(ms);
    const sizes = { '0B': 0, '512B': 512, '64KB': 65_536, '1.5MB': 1_572_864, '2GB': 2_147_483_648 };
    for (const [text, bytes] of Object.entries(sizes)) expect(parseSize('maxBytes', text as '1B')).toBe(bytes);
  });

  it('are taken as numbers from 0 to Infinity', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true }), (value) => {
        expect(parseDuration('ttl', value)).toBe(value);
        expect(parseSize('maxBytes', value)).toBe(value);
      }),
    );
    expect(parseDuration('ttl', Infinity)).toBe(Infinity);
  });

  it.each([
    -1,
    NaN,
    -Infinity,
    '',
    '5',
    's',
    '-5s',
    '5 s',
    '5S',
    '5kb',
    '1e3s',
    '.5s',
    '5s5s',
    '5constructor',
    null,
    true,
    [5],
    {},
  ])('refuse %j, naming the option and what was expected', (value) => {
    for (const [parse, example] of [
      [parseDuration, '250ms'],
      [parseSize, '64KB'],
    ] as const)
      expect(() => parse('the option', value as never)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringMatching(`^the option: .*${example}`),
        }),
      );
  });
});
