import {
  adaptive,
  type Clock,
  checkFunction,
  checkInteger,
  checkKnown,
  checkMethods,
  invalidOption,
  type LocalStore,
  type PolicyFactory,
  parseSize,
  type Size,
  systemClock,
} from '@kvasir/core';
import { MemoryStore } from './memory-store.ts';

export interface MemoryOptions {
  /** Bound on the sum of value sizes, keys and bookkeeping. Default '64MB', when `maxEntries` is not given either. */
  readonly maxBytes?: Size;
  /** Bound on the number of entries, whatever their size. Give this or `maxBytes`, not both: a policy has one measure of room. */
  readonly maxEntries?: number;
  /** Default `adaptive()`. */
  readonly policy?: PolicyFactory;
  readonly clock?: Clock;
}

export const DEFAULTS: { readonly maxBytes: Size; readonly policy: PolicyFactory } = {
  maxBytes: '64MB',
  // On 56 cells of recorded traces it gains 0.40 of what LRU leaves, Caffeine's rules 0.34; docs/decisions.md.
  policy: adaptive(),
};

/** Throws INVALID_OPTION. The store is empty and owned by the caller; its timer keeps neither it nor the process alive, and it needs no closing. */
export function memory(options: MemoryOptions = {}): LocalStore {
  checkKnown('memory()', options, ['maxBytes', 'maxEntries', 'policy', 'clock']);
  checkFunction('memory() policy', options.policy);
  checkMethods('memory() clock', options.clock, ['now', 'after']);
  if (options.maxEntries !== undefined) {
    if (options.maxBytes !== undefined)
      throw invalidOption('memory() maxEntries', 'no maxBytes beside it', options.maxEntries);
    checkInteger('memory() maxEntries', options.maxEntries, 0);
  }
  const capacity = options.maxEntries ?? parseSize('memory() maxBytes', options.maxBytes ?? DEFAULTS.maxBytes);
  const unit = options.maxEntries === undefined ? 'bytes' : 'entries';
  const { policy = DEFAULTS.policy, clock = systemClock } = options;
  return new MemoryStore({ capacity, unit, policy, clock });
}
