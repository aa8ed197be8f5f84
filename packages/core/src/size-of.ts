const MAX_NODES = 2_000;

/**
 * Bytes that a live value takes, estimated in one bounded walk: exact for buffers, two bytes a character for strings (V8's worst case), 16 to 40
 * bytes of overhead an object. Beyond 2,000 nodes the rest is extrapolated from what was seen.
 */
export function sizeOf(value: unknown): number {
  const queue: unknown[] = [value];
  const seen = new Set<object>();
  let bytes = 0;
  let next = 0;
  while (next < queue.length && next < MAX_NODES) {
    const item = queue[next++];
    if (typeof item === 'string') bytes += 16 + item.length * 2;
    else if (typeof item === 'bigint') bytes += 24;
    else if (typeof item !== 'object' || item === null) bytes += 8;
    else if (!seen.has(item)) {
      seen.add(item);
      bytes += sizeOfObject(item, queue);
    }
  }
  return next < queue.length ? Math.ceil((bytes * queue.length) / next) : bytes;
}

function sizeOfObject(item: object, queue: unknown[]): number {
  if (ArrayBuffer.isView(item) || item instanceof ArrayBuffer) return 96 + item.byteLength;
  if (item instanceof Date) return 40;
  if (item instanceof Map) {
    for (const [key, value] of item) queue.push(key, value);
    return 40 + item.size * 24;
  }
  if (item instanceof Set) {
    for (const value of item) queue.push(value);
    return 40 + item.size * 16;
  }
  if (Array.isArray(item)) {
    for (const value of item) queue.push(value);
    return 16;
  }
  const values = Object.values(item);
  for (const value of values) queue.push(value);
  return 24 + values.length * 8;
}
