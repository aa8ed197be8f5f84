import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalise } from '../src/canonical.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** JSON text of `value` with members in another order, white space and escapes put where the grammar allows them. */
function respell(value: Json, random: () => number): string {
  const space = (): string => ['', '', ' ', '\n\t', '\r\n  '][Math.floor(random() * 5)] ?? '';
  const word = (text: string): string =>
    random() < 0.5
      ? JSON.stringify(text)
      : `"${[...Array(text.length).keys()].map((at) => escape(text, at)).join('')}"`;
  const write = (part: Json): string => {
    if (typeof part === 'string') return word(part);
    if (Array.isArray(part)) return `[${space()}${part.map((item) => write(item) + space()).join(`,${space()}`)}]`;
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    const members = Object.entries(part).map(([name, item]) => ({
      at: random(),
      text: `${word(name)}${space()}:${space()}${write(item)}`,
    }));
    members.sort((a, b) => a.at - b.at);
    return `{${space()}${members.map(({ text }) => text + space()).join(`,${space()}`)}}`;
  };
  return space() + write(value) + space();
}

function escape(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
}

const json = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }) as fc.Arbitrary<Json>;
const clean = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;

/** A small random generator from a seed that fast-check can shrink. */
function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

describe('canonicalise', () => {
  it('gives every spelling of a document the same text, which reads back as the document', () => {
    fc.assert(
      fc.property(json, fc.integer(), fc.integer(), (value, one, other) => {
        const form = canonicalise(respell(value, randomFrom(one)));
        expect(form).toBe(canonicalise(respell(value, randomFrom(other))));
        expect(JSON.parse(form ?? '')).toEqual(clean(value));
      }),
      { numRuns: 500 },
    );
  });

  it('gives two documents the same text exactly when they are deeply equal', () => {
    const near = fc
      .tuple(json, json)
      .chain(([a, b]) => fc.tuple(fc.constant(a), fc.oneof(fc.constant(a), fc.constant(b))));
    fc.assert(
      fc.property(near, ([a, b]) => {
        const same = canonicalise(JSON.stringify(a)) === canonicalise(JSON.stringify(b));
        expect(same).toBe(isDeepStrictEqual(clean(a), clean(b)));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [
      'sorts members by UTF-16 code unit at every depth',
      '{"é":1,"b":{"z":1,"a":2},"B":3}',
      '{"B":3,"b":{"a":2,"z":1},"é":1}',
    ],
    ['drops white space, but not within strings', ' { "a b" : [ 1 , "c d" , true ] } ', '{"a b":[1,"c d",true]}'],
    ['keeps the order of arrays', '[3,1,2]', '[3,1,2]'],
    ['writes one escape for each character', '"\\u0041\\/\\u000a\\"\\\\"', '"A/\\n\\"\\\\"'],
    ['keeps lone surrogates apart from the replacement character', '"\\uD800"', '"\\ud800"'],
    ['takes a quote after two backslashes for the end', '{"b":"\\\\","a":"\\\\\\""}', '{"a":"\\\\\\"","b":"\\\\"}'],
    ['treats __proto__ as any name', '{"b":1,"__proto__":{"y":1,"x":2}}', '{"__proto__":{"x":2,"y":1},"b":1}'],
    ['keeps empty things', '{ "b" : { } , "a" : [ ] }', '{"a":[],"b":{}}'],
    ['sorts by what a name means, not by how it is spelled', '{"b":1,"\\u0061":2}', '{"a":2,"b":1}'],
  ])('%s', (_title, text, form) => {
    expect(canonicalise(text)).toBe(form);
  });

  it('keeps numbers as they are written, so that nothing collapses that a parser may tell apart', () => {
    const spellings = [
      '1',
      '1.0',
      '1e0',
      '10e-1',
      '-0',
      '0',
      '9007199254740992',
      '9007199254740993',
      '1e400',
      '0.1',
      '0.10000000000000000001',
    ];
    const forms = spellings.map((number) => canonicalise(`{"n": ${number}}`));
    expect(new Set(forms).size).toBe(spellings.length);
    expect(forms[7]).toBe('{"n":9007199254740993}');
  });

  it('has no form for a name that repeats, however it is spelled, at any depth', () => {
    expect(canonicalise('{"a":1,"a":1}')).toBeUndefined();
    expect(canonicalise('[{"x":{"b":1,"a":2,"\\u0062":1}}]')).toBeUndefined();
    expect(canonicalise('{"a":{"a":1},"b":{"a":1}}')).toBe('{"a":{"a":1},"b":{"a":1}}');
  });

  it('has no form for what is nested without reason, and does not overflow the stack', () => {
    expect(canonicalise('['.repeat(100_000) + ']'.repeat(100_000))).toBeUndefined();
    expect(canonicalise(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)).toBeUndefined();
    expect(canonicalise('['.repeat(200) + ']'.repeat(200))).toBe('['.repeat(200) + ']'.repeat(200));
  });

  it('leaves out fields that are declared not to count, at the top only', () => {
    expect(canonicalise('{"user":"u1","model":"m","x":{"user":1}}', ['user'])).toBe('{"model":"m","x":{"user":1}}');
    expect(canonicalise('{"user":"u1"}', ['user'])).toBe('{}');
  });
});
