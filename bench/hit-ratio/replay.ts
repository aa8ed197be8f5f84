/*
 * One trace through one memory() tier: get, and set on a miss, as an application does that loads what it misses.
 *
 * Capacity in entries is `maxEntries`. Capacity in bytes is `maxBytes`, and there memory() charges each entry for its key and its bookkeeping as
 * well, some hundred bytes. That is right in an application and in the way of a comparison of policies, as traces with small objects would be
 * measured at another capacity than the one that is written down. So sizes and capacity are multiplied by the same power of two, as large as keeps
 * the largest object within 2 GiB: beside that, what is charged vanishes (less than 0.1 % of the mean object of any trace here). `charged` leaves
 * it in, and sizes as they are.
 */
import type { Entry, LocalStore } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { countOptimum } from '../shared/optimum.ts';
import { findPolicy, OPTIMUM } from './policies.ts';
import type { Trace } from './trace.ts';

/** How much the cache holds: entries, a part of the trace's keys, or a part of its bytes. */
export type Room = { readonly entries: number } | { readonly partOfKeys: number } | SizedRoom;

export interface SizedRoom {
  readonly partOfBytes: number;
  /** Each object taken once, or as often as it is asked for. */
  readonly bytes: 'of objects' | 'of requests';
  readonly charged: boolean;
}

export interface Outcome {
  /** Entries, or bytes. */
  readonly capacity: number;
  readonly requests: number;
  readonly hits: number;
  /** Bytes asked for and bytes hit, when the room is in bytes. */
  readonly bytes: number;
  readonly hitBytes: number;
  readonly seconds: number;
}

/** The anchors' least capacity: below it, chance decides. */
const FEWEST_ENTRIES = 16;
const LARGEST_OBJECT = 2 ** 31;

const ENTRY: Entry = {
  value: 1,
  storedAt: 0,
  staleAt: Infinity,
  expiresAt: Infinity,
  tags: [],
  stamps: [],
  size: 1,
  cost: 0,
};

export function replay(trace: Trace, policyName: string, room: Room): Outcome {
  const start = process.cpuUsage().user;
  const counted = policyName === OPTIMUM ? foresee(trace, room) : ask(trace, policyName, room);
  return { ...counted, requests: trace.ids.length, seconds: (process.cpuUsage().user - start) / 1e6 };
}

function foresee(trace: Trace, room: Room): Counted {
  if ('partOfBytes' in room) throw new Error('The optimum is known for entries of one size only');
  const capacity = countEntries(trace, room);
  return { capacity, hits: countOptimum(trace.ids, capacity), bytes: 0, hitBytes: 0 };
}

function ask(trace: Trace, policyName: string, room: Room): Counted {
  const policy = findPolicy(policyName);
  const named = policy === undefined ? {} : { policy };
  return 'partOfBytes' in room
    ? replayBytes(trace, (maxBytes) => memory({ maxBytes, ...named }), room)
    : replayEntries(trace, (maxEntries) => memory({ maxEntries, ...named }), countEntries(trace, room));
}

function countEntries(trace: Trace, room: { readonly entries: number } | { readonly partOfKeys: number }): number {
  if ('entries' in room) return room.entries;
  return Math.max(FEWEST_ENTRIES, Math.round(room.partOfKeys * trace.uniqueIds));
}

type Counted = Omit<Outcome, 'requests' | 'seconds'>;

function replayEntries({ ids }: Trace, make: (capacity: number) => LocalStore, capacity: number): Counted {
  const store = make(capacity);
  const keys: string[] = [];
  let hits = 0;
  for (const id of ids) {
    const key = (keys[id] ??= `k${id}`);
    if (store.get(key) === undefined) store.set(key, ENTRY);
    else hits += 1;
  }
  return { capacity, hits, bytes: 0, hitBytes: 0 };
}

function replayBytes(
  { ids, sizes = new Uint32Array() }: Trace,
  make: (capacity: number) => LocalStore,
  room: SizedRoom,
): Counted {
  const largest = sizes.reduce((most, size) => Math.max(most, size), 1);
  const scale = room.charged ? 1 : 2 ** Math.floor(Math.log2(LARGEST_OBJECT / largest));
  const whole = room.bytes === 'of objects' ? sumUnique(ids, sizes) : sizes.reduce((sum, size) => sum + size, 0);
  const capacity = room.partOfBytes * whole;
  const store = make(Math.floor(capacity * scale));
  const keys: string[] = [];
  const counted = { capacity, hits: 0, bytes: 0, hitBytes: 0 };
  for (let request = 0; request < ids.length; request += 1) {
    const id = ids[request] ?? 0;
    const size = sizes[request] ?? 0;
    const key = (keys[id] ??= `k${id}`);
    counted.bytes += size;
    if (store.get(key) === undefined) store.set(key, { ...ENTRY, size: size * scale });
    else {
      counted.hits += 1;
      counted.hitBytes += size;
    }
  }
  return counted;
}

function sumUnique(ids: Uint32Array, sizes: Uint32Array): number {
  const sizeOf = new Map<number, number>();
  for (const [request, id] of ids.entries()) sizeOf.set(id, sizes[request] ?? 0);
  return [...sizeOf.values()].reduce((sum, size) => sum + size, 0);
}
