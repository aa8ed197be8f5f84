/*
 * Least recently used.
 *
 * Problem: guess who will be asked for last, knowing only the past.
 * Idea: whoever has waited longest. One list in order of use; a touch moves to its hot end, the victim is at its cold end.
 * Cost: O(1) an operation, 8 bytes a slot.
 * Does not: resist scans (one pass over more keys than fit flushes everything), see frequency, or refuse anyone.
 * Paper: Denning 1968, "The working set model for program behavior"; Sleator and Tarjan 1985 (k-competitive, and no better).
 */
import { NO_SLOT, type Policy, type PolicyFactory } from './policy.ts';
import { SlotLists } from './slot-lists.ts';

const USED = 0;

export function lru(): PolicyFactory {
  return () => {
    const lists = new SlotLists(1);
    const policy: Policy = {
      name: 'lru',
      insert: (slot) => lists.push(USED, slot),
      touch(slot) {
        if (lists.has(slot)) lists.move(USED, slot);
      },
      resize() {},
      remove: (slot) => lists.unlink(slot),
      victim: () => lists.first(USED),
      evict(roomNeeded) {
        if (!roomNeeded) return NO_SLOT;
        const slot = lists.first(USED);
        if (slot !== NO_SLOT) lists.unlink(slot);
        return slot;
      },
      forEach: (visit) => lists.forEach(USED, visit),
    };
    return policy;
  };
}
