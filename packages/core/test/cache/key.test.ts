import { createCache, KvasirError } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locate } from '../../src/cache/places.ts';
import { mapStore } from '../support/map-store.ts';

const namespace = fc.stringMatching(/^[A-Za-z0-9._-]{1,8}$/);
/** Few pieces, so that clashes are likely. */
const piece = fc.constantFrom(
  'a',
  ':',
  '#',
  '*',
  '?',
  '[',
  '\0',
  '/',
  '~stamp:',
  '\ud83c',
  '\udf89',
  '🎉',
  'é',
  'x'.repeat(300),
);
const key = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));

const qualifyKey = (name: string, of: string): string => locate(name, 1, of).full;

describe('keys', () => {
  it('of two names, or two keys, never meet', () => {
    fc.assert(
      fc.property(namespace, key, namespace, key, (name, one, otherName, other) => {
        const isSame = name === otherName && one === other;
        expect(qualifyKey(name, one) === qualifyKey(otherName, other)).toBe(isSame);
      }),
      { numRuns: 2_000 },
    );
  });

  it('stay distinct in UTF-8, in which remote tiers think', () => {
    const utf8 = (text: string): string => Buffer.from(text).toString('hex');
    fc.assert(
      fc.property(key, key, (one, other) => {
        expect(utf8(qualifyKey('n', one)) === utf8(qualifyKey('n', other))).toBe(one === other);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are readable up to 512 characters, and a digest of 43 beyond', () => {
    expect(qualifyKey('page', '/news?*[a]🎉')).toBe('page:/news?*[a]🎉');
    expect(qualifyKey('page', 'x'.repeat(512))).toBe(`page:${'x'.repeat(512)}`);
    for (const long of ['x'.repeat(513), 'x'.repeat(65_536), '#1', 'half a pair \ud83c'])
      expect(qualifyKey('page', long)).toMatch(/^page:#[A-Za-z0-9_-]{43}$/);
    // A key that looks like the digest of another is not taken for it.
    const digest = qualifyKey('page', 'x'.repeat(513)).slice('page:'.length);
    expect(qualifyKey('page', digest)).not.toBe(`page:${digest}`);
  });

  it('that are empty, too long or no strings are refused by every method', async () => {
    const cache = createCache({ tiers: [mapStore(new ManualClock())] });
    const pages = cache.namespace<string>('page');
    for (const bad of ['', 'x'.repeat(65_537), 7, null, undefined, ['a']] as string[]) {
      const refusal = expect.objectContaining({ code: 'INVALID_KEY' });
      for (const call of [
        async () => pages.getSync(bad),
        () => pages.get(bad),
        () => pages.getMany(['fine', bad]),
        () => pages.getEntry(bad),
        () => pages.getOrLoad(bad, () => 'home'),
        () => pages.resolve(bad, () => 'home'),
        () => pages.set(bad, 'home'),
        () => pages.delete('fine', bad),
        async () => pages.prefetch([bad], () => 'home'),
      ])
        await expect(call()).rejects.toEqual(refusal);
    }
  });

  it('that are refused are not told, as they may be secrets', () => {
    const secret = `token-${'x'.repeat(70_000)}`;
    expect(() => qualifyKey('page', secret)).toThrow(
      new KvasirError('INVALID_KEY', 'expected a key of 1 to 65536 characters, got one of 70006'),
    );
  });
});
