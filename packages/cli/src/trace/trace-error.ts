import { KvasirError } from '@kvasir/core';

const SHOWN = 60;

/** INVALID_TRACE: `place` is a file, or `file:line`. */
export function traceError(place: string, what: string, cause?: unknown): KvasirError {
  return new KvasirError('INVALID_TRACE', `${place}: ${what}`, { cause });
}

/** The beginning of a line, with nothing in it that a terminal would obey. */
export function quote(line: Buffer): string {
  const shown = line.toString('latin1', 0, SHOWN).replace(/\p{Cc}/gu, '?');
  return line.length > SHOWN ? `${shown}…` : shown;
}
