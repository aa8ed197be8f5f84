import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readTrace, type TraceFile } from '../hit-ratio/trace.ts';
import type { Requests } from './simulate.ts';

const MOST_REQUESTS = 1_000_000;
const PART_OF_KEYS = 0.02;
const LEAST_CAPACITY = 16;

export interface Workload {
  readonly requests: Requests;
  readonly ids: Uint32Array;
  readonly capacity: number;
}

/** The first million requests, and the capacity for 2 % of the keys of the whole trace. Streams are its clients, where it tells of them. */
export function readWorkload(file: TraceFile): Workload {
  const { ids: all, uniqueIds } = readTrace(file);
  const ids = all.subarray(0, MOST_REQUESTS);
  const clients =
    file.format === 'cid.u32' ? readClients(file).subarray(0, MOST_REQUESTS) : new Uint32Array(ids.length);
  const [keys, keyAt] = number(ids, hideId);
  const [streams, streamAt] = number(clients, String);
  return {
    requests: { keys, streams, keyAt, streamAt },
    ids,
    capacity: Math.max(LEAST_CAPACITY, Math.round(uniqueIds * PART_OF_KEYS)),
  };
}

/**
 * Ids of the traces count from 0 in the order in which they first appear, so that the next new one is always the last new one and 1: who reads numbers in
 * keys would foresee every first request. The keys that predictors see are scattered.
 */
function hideId(id: number): string {
  return `key ${(Math.imul(id, 0x9e3779b1) >>> 0).toString(36)}`;
}

function number(values: Uint32Array, nameOf: (value: number) => string): [string[], Uint32Array] {
  const indices = new Map<number, number>();
  const names: string[] = [];
  const at = values.map((value) => {
    const known = indices.get(value);
    if (known !== undefined) return known;
    indices.set(value, names.length);
    return names.push(nameOf(value)) - 1;
  });
  return [names, at];
}

function readClients(file: TraceFile): Uint32Array {
  const bytes = gunzipSync(readFileSync(file.path));
  return Uint32Array.from({ length: bytes.length / 8 }, (_, request) => bytes.readUInt32LE(8 * request));
}
