/** A request for `key`; `size` is the answer's in bytes, 0 where the format does not know. */
export type OnRequest = (key: string, size: number) => void;

/** Tells the requests of a line, none if it has none. Returns what was expected when the line is not of its format. */
export type LineParser = (line: string, onRequest: OnRequest) => string | undefined;

/** Bytes; undefined for what is no whole number below 2^53. */
export function parseByteCount(text: string): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const size = Number(text);
  return Number.isSafeInteger(size) ? size : undefined;
}
