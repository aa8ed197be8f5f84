import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHttpDate, parseHttpDate } from '../src/http-date.ts';

const NOW = Date.UTC(2026, 0, 1);
const second = (min: number, max: number) =>
  fc.integer({ min: Math.ceil(min / 1000), max: Math.floor(max / 1000) }).map((seconds) => seconds * 1000);
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

describe('parseHttpDate', () => {
  it('reads all three forms of the same moment', () => {
    for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])
      expect(parseHttpDate(text, NOW)).toBe(784_111_777_000);
  });

  it('reads every date that it writes', () => {
    fc.assert(
      fc.property(
        second(Date.UTC(1000, 0, 1), Date.UTC(9999, 11, 31)),
        (at) => parseHttpDate(formatHttpDate(at), NOW) === at,
      ),
    );
  });

  it('reads every two-digit year within its 100 years', () => {
    fc.assert(
      fc.property(second(Date.UTC(1977, 0, 1), Date.UTC(2076, 11, 31)), (at) => {
        const [day = '', date, month, year = '', time] = formatHttpDate(at).replace(',', '').split(' ');
        const fullDay = DAYS.find((name) => name.startsWith(day));
        expect(parseHttpDate(`${fullDay}, ${date}-${month}-${year.slice(2)} ${time} GMT`, NOW)).toBe(at);
      }),
    );
  });

  it('takes anything else for no date', () => {
    fc.assert(fc.property(fc.string(), (noise) => parseHttpDate(noise, NOW) === undefined));
  });

  it.each([
    '0',
    '-1',
    '',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    '1994-11-06T08:49:37Z',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
  ])('refuses %j', (text) => expect(parseHttpDate(text, NOW)).toBeUndefined());
});
