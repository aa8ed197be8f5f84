import { describe, expect, it } from 'vitest';
import { Uncacheable, Variants } from '../src/bounded.ts';

const long = (last: string): string => `http://a.example/${'x'.repeat(20_000)}${last}`;

describe('Uncacheable', () => {
  it('remembers why, for ten seconds', () => {
    const uncacheable = new Uncacheable();
    uncacheable.add('a', 'private', 1000);
    uncacheable.add(long('1'), 'cookie', 1000);
    expect(uncacheable.reason('a', 10_999)).toBe('private');
    expect(uncacheable.reason(long('1'), 10_999)).toBe('cookie');
    expect(uncacheable.reason(long('2'), 1000)).toBeUndefined();
    expect(uncacheable.reason('a', 11_000)).toBeUndefined();
    expect(uncacheable.reason('a', 1000)).toBeUndefined();
  });

  it('forgets the oldest beyond ten thousand', () => {
    const uncacheable = new Uncacheable();
    for (let key = 0; key <= 10_000; key++) uncacheable.add(`${key}`, 'private', 0);
    expect(['0', '1', '10000'].map((key) => uncacheable.reason(key, 0))).toEqual([undefined, 'private', 'private']);
  });
});

describe('Variants', () => {
  it('admits 63 beside the first, known ones always, until the first is stored again', () => {
    const variants = new Variants();
    for (let variant = 0; variant < 63; variant++) expect(variants.admit('a', `${variant}`)).toBe(true);
    expect([variants.admit('a', '63'), variants.admit('a', '0'), variants.admit('b', '63')]).toEqual([
      false,
      true,
      true,
    ]);
    variants.restart('a');
    expect(variants.admit('a', '63')).toBe(true);
  });

  it('counts for a thousand URIs', () => {
    const variants = new Variants();
    for (let variant = 0; variant < 63; variant++) variants.admit('first', `${variant}`);
    for (let key = 0; key < 1000; key++) variants.admit(long(`${key}`), 'v');
    expect(variants.admit('first', '63')).toBe(true);
  });
});
