import { type Entry, KvasirError, type Space } from '@kvasir/core';

const MAX_SPACE = 65_535;

/** Throws INVALID_ENTRY for an entry or a space that a store could not account for, or would never let go. */
export function checkEntry(entry: Entry, space: Space): void {
  const { size, cost, storedAt, staleAt, expiresAt } = entry;
  if (!(size >= 0 && size < Infinity)) throw invalidEntry('size', 'bytes, a finite number of at least 0', size);
  if (!(cost >= 0)) throw invalidEntry('cost', 'milliseconds, at least 0', cost);
  if (!(storedAt <= Infinity)) throw invalidEntry('storedAt', 'milliseconds since 1970', storedAt);
  if (!(staleAt <= Infinity)) throw invalidEntry('staleAt', 'milliseconds since 1970', staleAt);
  if (!(expiresAt <= Infinity)) throw invalidEntry('expiresAt', 'milliseconds since 1970', expiresAt);
  if (!(space >= 0 && space <= MAX_SPACE && space % 1 === 0))
    throw invalidEntry('space', `an integer from 0 to ${MAX_SPACE}`, space);
}

function invalidEntry(field: string, expected: string, got: unknown): KvasirError {
  return new KvasirError('INVALID_ENTRY', `${field}: expected ${expected}, got ${String(got)}`);
}
