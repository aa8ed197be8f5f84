import { hash } from 'node:crypto';

/**
 * A key that tells apart whatever the database could tell apart: each value with its type, so that 1, '1', 1n, true, a Date and bytes
 * are six keys. Values may be secrets and keys appear in events, so only a digest leaves this file.
 */
export function digest(...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url');
}

/** The values as one injective string; undefined when they cannot be told from others (functions, `toPostgres`, cycles). */
export function encodeValues(values: unknown): string | undefined {
  if (values === undefined || values === null) return '';
  if (!Array.isArray(values)) return undefined;
  try {
    return JSON.stringify(values.map(encodeValue));
  } catch {
    return undefined;
  }
}

const TIME_WORD = /(?:^|[^a-z])(?:now|today|tomorrow|yesterday)(?:[^a-z]|$)/i;
const LONGEST_TIME = 64;

/** 'today', '[yesterday,now)': text that PostgreSQL may read as a time of its own clock, so the answer changes without a write. */
export function readsClock(text: string): boolean {
  return text.length <= LONGEST_TIME && TIME_WORD.test(text);
}

/** {@link readsClock} of any text in `values`, however deep. They have no cycles: {@link encodeValues} refused those. */
export function valuesReadClock(values: unknown): boolean {
  if (typeof values === 'string') return readsClock(values);
  if (typeof values !== 'object' || values === null || ArrayBuffer.isView(values)) return false;
  return Object.values(values).some(valuesReadClock);
}

type Encoded = null | readonly [type: string, ...parts: unknown[]];

function encodeValue(value: unknown): Encoded {
  switch (typeof value) {
    case 'string':
      return ['s', value];
    case 'number':
      return ['n', String(value)];
    case 'bigint':
      return ['i', String(value)];
    case 'boolean':
      return ['b', value];
    case 'undefined':
      return null;
    case 'object':
      return value === null ? null : encodeObject(value);
    case 'function':
    case 'symbol':
      throw new TypeError('not a value that a key can be made of');
  }
}

function encodeObject(value: object): Encoded {
  // A Date goes over the wire in local time, and a column without time zone keeps just that.
  if (value instanceof Date) return ['d', value.getTime(), value.getTimezoneOffset()];
  if (ArrayBuffer.isView(value))
    return ['y', Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')];
  if (Array.isArray(value)) return ['a', ...value.map(encodeValue)];
  if ('toPostgres' in value) throw new TypeError('how this value reads is only known when it is sent');
  return ['j', JSON.stringify(value)];
}
