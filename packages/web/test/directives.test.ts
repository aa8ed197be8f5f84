import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { has, MAX_DELTA_SECONDS, parseDeltaSeconds, parseDirectives, secondsOf } from '../src/directives.ts';

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}$/);
const quotable = fc.stringMatching(/^[\t -~\x80-\xff]{0,12}$/);
const directive = fc.record({ name: token, form: fc.constantFrom('bare', 'token', 'quoted'), token, quoted: quotable });
const space = fc.constantFrom('', ' ', '\t', '  ', ' , ', ',,');

describe('parseDirectives', () => {
  it('reads back every list of directives, however it is written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(directive, space)), (list) => {
        const text = list
          .map(([{ name, form, token: bare, quoted }, gap]) => {
            const argument = { bare: '', token: `=${bare}`, quoted: `="${quoted.replaceAll(/["\\]/g, '\\$&')}"` }[form];
            return `${gap}${name}${argument ?? ''}`;
          })
          .join(' , ');
        const { isWellFormed, values } = parseDirectives(text);
        expect(isWellFormed).toBe(true);
        const expected = new Map<string, string[]>();
        for (const [{ name, form, token: bare, quoted }] of list) {
          const argument = { bare: '', token: bare, quoted }[form] ?? '';
          expected.set(name.toLowerCase(), [...(expected.get(name.toLowerCase()) ?? []), argument]);
        }
        expect(values).toEqual(expected);
      }),
    );
  });

  it('takes anything without throwing, and knows nothing that was not said', () => {
    fc.assert(
      fc.property(fc.string(), (noise) => {
        for (const name of parseDirectives(noise).values.keys()) expect(noise.toLowerCase()).toContain(name);
      }),
    );
  });

  it.each(['max-age=60; private', 'max-age="60', 'max-age=', '=5', 'max-age = 60', 'private "x"', 'a="b"c', 'é'])(
    'calls %j malformed',
    (field) => expect(parseDirectives(field).isWellFormed).toBe(false),
  );

  it.each([undefined, '', ' , ,', []])('finds nothing in %j', (field) => {
    expect(parseDirectives(field)).toEqual({ isWellFormed: true, values: new Map() });
  });

  it('joins field lines', () => {
    const directives = parseDirectives(['max-age=60', 'Private=""']);
    expect([has(directives, 'private'), secondsOf(directives, 'max-age')]).toEqual([true, 60]);
  });
});

describe('secondsOf', () => {
  it.each([
    ['max-age=60', 60],
    ['max-age="60"', 60],
    ['max-age=60, max-age=60', 60],
    ['public', undefined],
    ['max-age', Number.NaN],
    ['max-age=60, max-age=90', Number.NaN],
    ['max-age=-1', Number.NaN],
    ['max-age=1.5', Number.NaN],
    ['max-age=99999999999999999999', MAX_DELTA_SECONDS],
  ])('reads %j as %d', (field, seconds) => expect(secondsOf(parseDirectives(field), 'max-age')).toEqual(seconds));

  it('reads every count of seconds', () => {
    fc.assert(fc.property(fc.nat(), (seconds) => parseDeltaSeconds(String(seconds)) === seconds));
  });
});
