import { invalidOption, parseSize, type Size } from '@kvasir/core';

/** What a trace asks for, as far as it was counted. */
export interface Survey {
  /** Different keys. */
  readonly keys: number;
  /** What they would take of a tier bounded in bytes; undefined when the trace does not tell sizes. */
  readonly bytes: number | undefined;
}

/** A capacity as it was asked for, and what it comes to. */
export interface CacheSize {
  readonly label: string;
  readonly unit: 'entries' | 'bytes';
  readonly capacity: number;
}

export const DEFAULT_SIZES = '0.5%,2%,8%,25%';

const EXPECTED =
  "sizes like '1000' (entries), '64MB' or '5%' (of all keys, or of their bytes where the trace knows them)";

/** Throws INVALID_OPTION. */
export function readSizes(text: string, survey: Survey): CacheSize[] {
  return text.split(',').map((part) => readSize(part.trim(), survey));
}

function readSize(text: string, { keys, bytes }: Survey): CacheSize {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent !== undefined) {
    const part = Number(percent) / 100;
    if (bytes !== undefined) return { label: text, unit: 'bytes', capacity: Math.max(1, Math.round(part * bytes)) };
    return { label: text, unit: 'entries', capacity: Math.max(1, Math.round(part * keys)) };
  }
  if (/^\d+$/.test(text)) return { label: text, unit: 'entries', capacity: Number(text) };
  if (!/^\d+(\.\d+)?(B|KB|MB|GB)$/i.test(text)) throw invalidOption('--sizes', EXPECTED, text);
  if (bytes === undefined) throw invalidOption('--sizes', 'no bytes for a trace without sizes', text);
  return { label: text, unit: 'bytes', capacity: parseSize('--sizes', text.toUpperCase() as Size) };
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `1234567` is `1.2 MB`; counts get separators. */
export function formatCapacity(capacity: number, unit: 'entries' | 'bytes'): string {
  if (unit === 'entries') return Math.round(capacity).toLocaleString('en-US');
  let rank = 0;
  let amount = capacity;
  for (; amount >= 1024 && rank < UNITS.length - 1; rank++) amount /= 1024;
  return `${amount >= 100 || rank === 0 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[rank]}`;
}
