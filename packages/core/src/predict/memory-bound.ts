import { invalidOption } from '../options.ts';
import { parseSize, type Size } from '../units.ts';

/**
 * Enough for the working set of an application: keys that come back in the order in which they went are lost altogether once they outnumber the rows. On
 * 345,000 blocks of a recorded trace half of this costs 9 of 51 points (bench/prefetch).
 */
export const DEFAULT_MAX_BYTES: Size = '64MB';
/** Below this a table has too few buckets to be one. */
const LEAST_BYTES = 2 ** 16;
/** Rows are addressed by 32-bit numbers, and V8's arrays of keys end near 2^25. */
const MOST_BYTES = 2 ** 31;

/** Bytes. Throws INVALID_OPTION naming `option`. */
export function parseMaxBytes(option: string, value: Size): number {
  const bytes = parseSize(option, value);
  if (bytes < LEAST_BYTES || bytes > MOST_BYTES) throw invalidOption(option, "a size from '64KB' to '2GB'", value);
  return bytes;
}
