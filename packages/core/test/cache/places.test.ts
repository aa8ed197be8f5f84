import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locate, type Place, Places } from '../../src/cache/places.ts';

const NAMES = ['a', 'b', 'aa', 'a.b', '0', '1', '65535'];
const namespace = fc.constantFrom(...NAMES);
/** Few pieces, so that clashes are likely. */
const piece = fc.constantFrom('a', 'b', ':', '#', '0', '1', ' ', '\ud83c', 'é', 'x'.repeat(200));
const text = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
/** Also the full names and digests of other keys, said as keys. */
const key = fc.oneof(
  text,
  fc.tuple(namespace, text).map(([name, of]) => locate(name, 1, of).full),
  text.map((of) => locate('', 1, `#${of}`).full.slice(1)),
);

/** Places in which all names are open, and some of them find no space left. */
function openAll(maxSpace: number): { places: Places; at: (name: string, key: string) => Place } {
  const places = new Places(maxSpace);
  for (const name of NAMES) places.open(name);
  return { places, at: (name, of) => locate(name, places.open(name), of) };
}

describe('places', () => {
  it('of two names, or two keys, never meet in the local store, nor do their full keys', () => {
    fc.assert(
      fc.property(namespace, key, namespace, key, fc.nat(NAMES.length), (name, one, otherName, other, maxSpace) => {
        const { at } = openAll(maxSpace);
        const [a, b] = [at(name, one), at(otherName, other)];
        const isSame = name === otherName && one === other;
        expect(a.full === b.full).toBe(isSame);
        expect(a.space === b.space && a.local === b.local).toBe(isSame);
      }),
      { numRuns: 3_000 },
    );
  });

  it('are found by the full key, and named by what the local store says', () => {
    fc.assert(
      fc.property(namespace, key, fc.nat(NAMES.length), (name, one, maxSpace) => {
        const { places, at } = openAll(maxSpace);
        const place = at(name, one);
        expect(places.find(place.full)).toEqual(place);
        expect(places.nameOf(place.local, place.space)).toBe(place.full);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of a key that was not checked hold nothing of another', () => {
    fc.assert(
      fc.property(namespace, key, namespace, key, (name, one, otherName, unchecked) => {
        const { places, at } = openAll(NAMES.length);
        const { space, local } = at(name, one);
        const isMet = space === places.open(otherName) && local === unchecked;
        expect(isMet && !(name === otherName && one === unchecked)).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  it('have one space for a name, however often it is opened, and none for a name that is only heard of', () => {
    const places = new Places(2);
    expect(['a', 'b', 'a', 'c', 'b'].map((name) => places.open(name))).toEqual([1, 2, 1, 0, 2]);
    expect(places.find('d:x')).toEqual({ full: 'd:x', space: 0, local: 'd:x' });
    expect(places.find('no colon')).toEqual({ full: 'no colon', space: 0, local: 'no colon' });
  });
});
