import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digest, encodeValues, readsClock, valuesReadClock } from '../src/key.ts';

const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 3 }),
);
const values = fc.array(value, { maxLength: 4 });

/** What the database could tell apart: the type and the content of each value. */
function meaning(list: readonly unknown[]): unknown {
  return list.map((item) => {
    if (Array.isArray(item)) return ['array', meaning(item)];
    if (Buffer.isBuffer(item)) return ['bytes', item.toString('hex')];
    if (item instanceof Date) return ['date', item.getTime()];
    return [item === null ? 'null' : typeof item, String(item)];
  });
}

describe('encodeValues', () => {
  it('gives equal values one text and unequal values two', () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const same = JSON.stringify(meaning(one)) === JSON.stringify(meaning(other));
        expect(encodeValues(one) === encodeValues(other)).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  it('gives a copy of the values the same text', () => {
    fc.assert(
      fc.property(values, (list) => {
        expect(
          encodeValues(structuredClone(list).map((item) => (item instanceof Uint8Array ? Buffer.from(item) : item))),
        ).toBe(encodeValues(list));
      }),
    );
  });

  it.each([
    ['a number and its text', [1], ['1']],
    ['a number and a bigint', [1], [1n]],
    ['null and the text null', [null], ['null']],
    ['a date and its text', [new Date(0)], ['1970-01-01T00:00:00.000Z']],
    ['bytes and their text', [Buffer.from('a')], ['a']],
    ['one value with a comma and two values', ['a,b'], ['a', 'b']],
    ['an array and its elements', [['a', 'b']], ['a', 'b']],
    ['an array and its text', [[1, 2]], ['{1,2}']],
    ['an object and its text', [{ a: 1 }], ['{"a":1}']],
    ['no value and null', [], [null]],
  ])('tells %s apart', (_, one, other) => {
    expect(encodeValues(one)).not.toBe(encodeValues(other));
  });

  it.each([
    ['a function', [() => 1]],
    ['a symbol', [Symbol('x')]],
    ['a value that writes itself', [{ toPostgres: () => 'x' }]],
    ['what is no list', { a: 1 }],
  ])('refuses %s', (_, refused) => {
    expect(encodeValues(refused)).toBeUndefined();
  });

  it('refuses a value with a cycle', () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    expect(encodeValues([cyclic])).toBeUndefined();
  });
});

describe('digest', () => {
  it('shows nothing of what it is made of', () => {
    expect(digest('select 1', 'secret@example.org')).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('tells parts apart from their concatenation', () => {
    expect(digest('ab', 'c')).not.toBe(digest('a', 'bc'));
  });
});

describe('readsClock', () => {
  it.each(['today', 'NOW', ' tomorrow ', '[yesterday,now)', 'today 10:00', '{now}'])('suspects %j', (text) => {
    expect(readsClock(text)).toBe(true);
  });

  it.each(['', 'snowfall', 'todays', 'knows', '2024-01-01'])('does not suspect %j', (text) => {
    expect(readsClock(text)).toBe(false);
  });

  it('looks into lists and objects', () => {
    expect(valuesReadClock([1, { when: ['today'] }])).toBe(true);
    expect(valuesReadClock([1, { when: ['monday'] }, Buffer.from('now'), null])).toBe(false);
  });
});
