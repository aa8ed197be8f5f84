import { describe, expect, it } from 'vitest';
import { currentAge, initialAge } from '../src/age.ts';
import { parseDirectives } from '../src/directives.ts';
import { collectFields, type Fields } from '../src/fields.ts';
import { freshnessLifetime } from '../src/freshness.ts';
import { formatHttpDate } from '../src/http-date.ts';
import { refuseReuse, requestDirectives } from '../src/reusable.ts';
import { type Exchange, judge, type Terms } from '../src/storable.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number): string => formatHttpDate(NOW + seconds * 1000);
const fieldsOf = (fields: Record<string, string | string[]>): Fields =>
  collectFields(Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const)));

describe('freshnessLifetime (RFC 9111 section 4.2.1)', () => {
  const lifetime = (fields: Record<string, string | string[]>): number | undefined =>
    freshnessLifetime(parseDirectives(fieldsOf(fields).get('cache-control')), fieldsOf(fields), NOW);

  it.each<[string, Record<string, string | string[]>, number | undefined]>([
    ['s-maxage before all', { 'Cache-Control': 'max-age=60, s-maxage=10', Expires: at(99) }, 10],
    ['max-age before Expires', { 'Cache-Control': 'max-age=60', Expires: at(99) }, 60],
    ['Expires less Date', { Expires: at(99), Date: at(-1) }, 100],
    ['Expires less now, without Date', { Expires: at(99) }, 99],
    ['an Expires in the past', { Expires: at(-5) }, -5],
    ['an invalid Expires as expired', { Expires: '0' }, 0],
    ['differing Expires as expired', { Expires: [at(50), at(60)] }, 0],
    ['the same Expires twice as one', { Expires: [at(50), at(50)] }, 50],
    ['nothing from Last-Modified', { 'Last-Modified': at(-100_000) }, undefined],
    [
      'a malformed max-age as no freshness, whatever Expires says',
      { 'Cache-Control': 'max-age=x', Expires: at(9) },
      Number.NaN,
    ],
    ['a malformed s-maxage as no freshness', { 'Cache-Control': 's-maxage=, max-age=60' }, undefined],
  ])('takes %s', (_title, fields, expected) => expect(lifetime(fields)).toEqual(expected));
});

describe('initialAge (RFC 9111 section 4.2.3)', () => {
  const age = (fields: Record<string, string | string[]>, took = 0): number =>
    initialAge(fieldsOf(fields), NOW - took, NOW);

  it.each<[string, Record<string, string | string[]>, number, number]>([
    ['nothing for an answer of this moment', {}, 0, 0],
    ['the time that the answer took', {}, 1500, 1500],
    ['the Age field and the time that it took', { Age: '10' }, 2000, 12_000],
    ['the age that Date shows', { Date: at(-30) }, 0, 30_000],
    ['the larger of the two', { Date: at(-30), Age: '40' }, 0, 40_000],
    ['no negative age when Date is ahead', { Date: at(30) }, 0, 0],
    ['the first Age of a list', { Age: '7, 5' }, 0, 7000],
    ['the first Age of many', { Age: ['7', '50'] }, 0, 7000],
    ['no Age that is no number', { Age: '-5' }, 0, 0],
    ['no Age that is a fraction', { Age: '1.5' }, 0, 0],
    ['at most 2^31 s', { Age: '99999999999' }, 0, 2 ** 31 * 1000],
  ])('counts %s', (_title, fields, took, expected) => expect(age(fields, took)).toBe(expected));

  it('grows with the time in the cache, in whole seconds', () => {
    expect(currentAge(NOW - 10_000, NOW + 5_999)).toBe(15);
    expect(currentAge(NOW + 500, NOW)).toBe(0);
  });
});

describe('judge (RFC 9111 section 3)', () => {
  const exchange = (fields: Record<string, string | string[]>, more: Partial<Exchange> = {}): Exchange => ({
    request: {},
    requestTime: NOW,
    status: 200,
    fields: fieldsOf(fields),
    responseTime: NOW,
    routeTtlMs: undefined,
    defaultTtlMs: undefined,
    ...more,
  });
  const reason = (fields: Record<string, string | string[]>, more?: Partial<Exchange>): string | undefined => {
    const verdict = judge(exchange(fields, more));
    return verdict.terms === undefined ? verdict.reason : undefined;
  };
  const fresh = { 'Cache-Control': 'max-age=60' };

  it.each([200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414])('stores an explicit %i', (status) =>
    expect(reason(fresh, { status })).toBeUndefined(),
  );
  it.each([100, 103, 201, 206, 304, 401, 403, 409, 416, 429, 499, 500, 501, 502, 503, 504])(
    'never stores a %i',
    (status) => expect(reason(fresh, { status })).toBe('status'),
  );
  it.each([
    [200, undefined],
    [301, undefined],
    [404, 'no-freshness'],
    [302, 'no-freshness'],
    [204, 'no-freshness'],
  ])('covers a %i by the ttl option, or not: %s', (status, expected) =>
    expect(reason({}, { status, defaultTtlMs: 1000 })).toBe(expected),
  );

  it('invents no freshness', () => {
    expect(reason({ 'Last-Modified': at(-1000), ETag: '"a"', 'Cache-Control': 'public' })).toBe('no-freshness');
  });
  it('does not store what is stale already', () => {
    expect(reason({ ...fresh, Age: '60' })).toBe('stale');
    expect(reason({ 'Cache-Control': 'max-age=0' })).toBe('stale');
    expect(reason({ Expires: '0' }, { defaultTtlMs: 1000 })).toBe('stale');
    expect(reason({}, { routeTtlMs: 0 })).toBe('stale');
  });
  it('lets the route override how long, never whom for', () => {
    expect(judge(exchange(fresh, { routeTtlMs: 5000 })).terms?.freshUntil).toBe(NOW + 5000);
    expect(reason({ 'Cache-Control': 'private' }, { routeTtlMs: 5000 })).toBe('private');
    expect(reason({}, { routeTtlMs: 5000, request: { cookie: 'a=1' } })).toBe('cookie');
    expect(reason({}, { defaultTtlMs: 5000, request: { authorization: 'x' } })).toBe('authorization');
    expect(judge(exchange({}, { routeTtlMs: Infinity })).terms?.freshUntil).toBe(NOW + 2 ** 31 * 1000);
  });
  it('stores nothing with an unselectable Vary, nor what has no end', () => {
    for (const vary of ['*', 'Accept, *', ['Accept', '*'], '*, Accept', 'a b'])
      expect(reason({ ...fresh, Vary: vary })).toBe('vary');
    expect(reason({ ...fresh, 'Content-Type': 'text/event-stream; charset=utf-8' })).toBe('stream');
  });
  it('takes empty credentials for none', () => {
    expect(reason(fresh, { request: { cookie: ' ', authorization: '' } })).toBeUndefined();
  });
  it('counts age against the lifetime', () => {
    const { terms } = judge(exchange({ ...fresh, Age: '20' }));
    expect([terms?.bornAt, terms?.freshUntil]).toEqual([NOW - 20_000, NOW + 40_000]);
  });
});

describe('refuseReuse (RFC 9111 section 4)', () => {
  const terms: Terms = {
    bornAt: NOW - 20_000,
    freshUntil: NOW + 40_000,
    vary: [],
    isForAll: false,
    servesAuthorization: false,
  };
  it.each([
    [{}, undefined],
    [{ 'cache-control': 'max-age=20' }, undefined],
    [{ 'cache-control': 'max-age=19' }, 'max-age'],
    [{ 'cache-control': 'max-age=0' }, 'max-age'],
    [{ 'cache-control': 'max-age=x' }, 'max-age'],
    [{ 'cache-control': 'min-fresh=40' }, undefined],
    [{ 'cache-control': 'min-fresh=41' }, 'min-fresh'],
    [{ 'cache-control': 'min-fresh' }, 'min-fresh'],
    [{ 'cache-control': 'max-stale=100' }, undefined],
    [{ 'cache-control': 'no-cache' }, 'no-cache'],
    [{ 'cache-control': ';' }, 'cache-control'],
    [{ pragma: 'no-cache' }, 'no-cache'],
    [{ pragma: 'no-cache', 'cache-control': 'max-age=60' }, undefined],
    [{ pragma: 'other' }, undefined],
    [{ cookie: 'a=1' }, 'cookie'],
    [{ authorization: 'x' }, 'authorization'],
    [{ 'x-api-key': 'x' }, 'credentials'],
  ])('%j: %s', (request, detail) =>
    expect(refuseReuse(terms, request, requestDirectives(request), NOW)?.detail).toBe(detail),
  );

  it('serves nothing from the moment that it is stale, even to who accepts it', () => {
    expect(refuseReuse(terms, {}, undefined, NOW + 39_999)).toBeUndefined();
    expect(refuseReuse(terms, {}, parseDirectives('max-stale'), NOW + 40_000)?.fwd).toBe('stale');
  });
});
