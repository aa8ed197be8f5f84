/** Bytes `start` to `end`, end not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * What a Range field asks of a file of `size` bytes (RFC 9110 section 14.2). `whole`: no field, another unit, a malformed one, or several
 * ranges, which a server may ignore. `unsatisfiable`: answered 416.
 */
export function parseRange(field: string | undefined, size: number): Span | 'whole' | 'unsatisfiable' {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(field ?? '');
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return 'whole';
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}

/** `bytes 0-99/1234` as an origin says it; `size` undefined for `*`. Undefined when malformed or unsatisfied. */
export function parseContentRange(
  field: string | undefined,
): { readonly span: Span; readonly size: number | undefined } | undefined {
  const match = /^bytes\s+(\d+)-(\d+)\/(\d+|\*)$/i.exec(field?.trim() ?? '');
  if (match === null) return undefined;
  const [start, last] = [Number(match[1]), Number(match[2])];
  const size = match[3] === '*' ? undefined : Number(match[3]);
  if (last < start || !Number.isSafeInteger(last) || (size !== undefined && last >= size)) return undefined;
  return { span: { start, end: last + 1 }, size };
}
