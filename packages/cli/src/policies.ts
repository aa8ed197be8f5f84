import {
  adaptive,
  arc,
  gdsf,
  invalidOption,
  lfu,
  lirs,
  lru,
  type PolicyFactory,
  prefixChains,
  s3Fifo,
  sieve,
  wTinyLfu,
} from '@kvasir/core';

/** What `memory()` uses when nothing is said comes first. */
const POLICIES: Readonly<Record<string, () => PolicyFactory>> = {
  adaptive,
  lru,
  lfu,
  sieve,
  s3Fifo,
  arc,
  lirs,
  wTinyLfu,
  gdsf,
  prefixChains,
};

export const POLICY_NAMES: readonly string[] = Object.keys(POLICIES);

/** `wTinyLfu`, `w-tiny-lfu` and `WTINYLFU` are one name. Throws INVALID_OPTION. */
export function readPolicies(text: string): string[] {
  const plain = (name: string): string => name.replace(/[-_ ]/g, '').toLowerCase();
  const names = text.split(',').map((wanted) => {
    const name = POLICY_NAMES.find((known) => plain(known) === plain(wanted));
    if (name === undefined) throw invalidOption('--policies', `some of ${POLICY_NAMES.join(', ')}`, wanted);
    return name;
  });
  return [...new Set(names)];
}

/** `name` is one of {@link POLICY_NAMES}. */
export function makePolicy(name: string): PolicyFactory {
  const make = POLICIES[name];
  if (make === undefined) throw invalidOption('policy', `one of ${POLICY_NAMES.join(', ')}`, name);
  return make();
}
