import { policyConformance } from '@kvasir/core/conformance';
import { describe, expect, it } from 'vitest';
import { type HashOf, lru, NO_SLOT, type Policy, type PolicyFactory, type Slot } from '../../src/index.ts';

/** `lru()` with a fault. */
function faulty(change: (sound: Policy, hashOf?: HashOf) => Partial<Policy>): PolicyFactory {
  return (capacity, unit, hashOf) => {
    const sound = lru()(capacity, unit);
    return { ...sound, ...change(sound, hashOf) };
  };
}

function failures(make: PolicyFactory): string[] {
  return policyConformance(make)
    .filter(({ check }) => {
      try {
        void check();
        return false;
      } catch {
        return true;
      }
    })
    .map(({ name }) => name);
}

describe('policyConformance', () => {
  it('finds no fault with a sound policy', () => {
    expect(failures(lru())).toEqual([]);
  });

  it.each<[string, PolicyFactory]>([
    ['names a slot that never was', faulty(() => ({ evict: (needed) => (needed ? 1_000_000 : NO_SLOT) }))],
    ['names nobody though room is needed', faulty(() => ({ evict: () => NO_SLOT }))],
    ['names what was removed', faulty(() => ({ remove() {} }))],
    [
      'names somebody twice',
      faulty((sound) => {
        let last: Slot = NO_SLOT;
        return {
          evict(needed) {
            const slot = sound.evict(needed);
            if (needed && slot === NO_SLOT) return last;
            if (slot !== NO_SLOT) last = slot;
            return slot;
          },
        };
      }),
    ],
    [
      'forgets whom it was told of',
      faulty((sound) => ({
        insert(slot, hash, weight) {
          if (slot % 7 !== 3) sound.insert(slot, hash, weight);
        },
      })),
    ],
    ['leaves a trace when it is asked for its victim', faulty((sound) => ({ victim: () => sound.evict(true) }))],
    ['promises another victim than it names', faulty(() => ({ victim: () => 0 }))],
    ['takes a new value for a departure', faulty((sound) => ({ resize: (slot) => sound.remove(slot) }))],
    ['passes over somebody when it is visited', faulty(() => ({ forEach() {} }))],
    ['visits somebody twice', faulty((sound) => ({ forEach: (visit) => [0, 1].map(() => sound.forEach?.(visit)) }))],
    [
      'reads the hash of who has left',
      faulty((sound, hashOf) => {
        let last: Slot = NO_SLOT;
        return {
          insert(slot, hash, weight) {
            if (last !== NO_SLOT && last !== slot) hashOf?.(last);
            sound.insert(slot, hash, weight);
          },
          evict(needed) {
            const slot = sound.evict(needed);
            if (slot !== NO_SLOT) last = slot;
            return slot;
          },
        };
      }),
    ],
  ])('finds the policy that %s', (_, make) => {
    expect(failures(make)).not.toEqual([]);
  });
});
