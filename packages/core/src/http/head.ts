import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { HeaderList } from './recorder.ts';

/**
 * Moves what was passed to `writeHead(status[, reason][, headers])` onto `res`, the way Node merges it: an object or array of pairs replaces fields
 * of the same name, and a name that repeats within an array is sent repeatedly.
 */
export function applyHead(res: ServerResponse, args: readonly unknown[]): void {
  const [, second, third] = args;
  if (typeof second === 'string') res.statusMessage = second;
  const fields = typeof second === 'string' ? third : (third ?? second);
  if (Array.isArray(fields)) applyPairs(res, Array.isArray(fields[0]) ? fields : toPairs(fields));
  else if (typeof fields === 'object' && fields !== null) {
    for (const [name, value] of Object.entries(fields)) {
      if (name !== '') res.setHeader(name, value as OutgoingHttpHeader);
    }
  }
}

/** One field; an array value is sent as repeated fields. */
export type Pair = readonly [name: string, value: OutgoingHttpHeader];

/** Replaces fields of the same names, and keeps repeats within `pairs`. */
export function applyPairs(res: ServerResponse, pairs: readonly Pair[]): void {
  for (const [name] of pairs) res.removeHeader(name);
  for (const [name, value] of pairs) res.appendHeader(name, typeof value === 'number' ? String(value) : value);
}

export function toPairs(flat: readonly unknown[]): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at] as string, flat[at + 1] as OutgoingHttpHeader]);
  return pairs;
}

/** On every outgoing message since Node 15.4; the types know it only on ClientRequest. */
interface RawNames {
  getRawHeaderNames(): string[];
}

/** The fields that are set on `res`; an array value is one field for each of its items. */
export function listHeaders(res: ServerResponse): HeaderList {
  const fields: (readonly [string, string])[] = [];
  for (const name of (res as ServerResponse & RawNames).getRawHeaderNames()) {
    const value = res.getHeader(name);
    if (Array.isArray(value)) for (const item of value) fields.push([name, String(item)]);
    else if (value !== undefined) fields.push([name, String(value)]);
  }
  return fields;
}
