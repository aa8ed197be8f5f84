/** Bytes `first` to `last`, both included, of a body. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

const SINGLE = /^bytes=[\t ]*(\d*)-(\d*)[\t ]*$/i;

/**
 * The one range that a Range field asks for of `length` bytes, RFC 9110 section 14.1.2. Undefined when it is to be ignored, as a server always may (section 14.2):
 * another unit, malformed, or several ranges.
 */
export function parseRange(field: string, length: number): ByteRange | 'unsatisfiable' | undefined {
  const match = SINGLE.exec(field);
  if (match === null) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from);
  const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  return first > last || (from === '' && Number(to) === 0) ? 'unsatisfiable' : { first, last };
}
