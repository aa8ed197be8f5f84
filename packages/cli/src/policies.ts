import { arc, gdsf, invalidOption, lfu, lirs, lru, type PolicyFactory, s3Fifo, sieve, wTinyLfu } from '@kvasir/core';

/** undefined: what `memory()` uses when nothing is said. */
const POLICIES: Readonly<Record<string, (() => PolicyFactory) | undefined>> = {
  default: undefined,
  lru,
  lfu,
  sieve,
  s3Fifo,
  arc,
  lirs,
  wTinyLfu,
  gdsf,
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

export function makePolicy(name: string): PolicyFactory | undefined {
  return POLICIES[name]?.();
}
