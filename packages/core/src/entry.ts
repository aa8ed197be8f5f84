import type { EpochMs } from './clock.ts';

/**
 * A value with its three instants: `storedAt ── fresh ── staleAt ── stale: serve and refresh behind (grace) ── expiresAt ── never serve`.
 * Instants may be Infinity.
 */
export interface Entry<V = unknown> {
  readonly value: V;
  readonly storedAt: EpochMs;
  readonly staleAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly tags: readonly string[];
  /** The stamp of each tag when the load began, same order as `tags`. An entry whose stamps are not current is not served. */
  readonly stamps: readonly string[];
  /** Bytes: exact for byte values, estimated for others (see {@link sizeOf}). */
  readonly size: number;
  /** Milliseconds that the load took; 0 for values that were set. */
  readonly cost: number;
}

export type Freshness = 'fresh' | 'stale' | 'expired';

export function freshness(entry: Entry, now: EpochMs): Freshness {
  if (now < entry.staleAt) return 'fresh';
  return now < entry.expiresAt ? 'stale' : 'expired';
}
