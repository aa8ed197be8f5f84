import { invalidOption } from './options.ts';

/** Milliseconds as a number, or with a unit: `'250ms'`, `'5s'`, `'1m'`, `'12h'`, `'7d'`. `Infinity` means no end. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;
/** Bytes as a number, or with a binary unit: `'64KB'` = 65,536 bytes, `'256MB'`, `'2GB'`. */
export type Size = number | `${number}${'B' | 'KB' | 'MB' | 'GB'}`;

type Units = ReadonlyMap<string, number>;
const MS: Units = new Map(Object.entries({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }));
const BYTES: Units = new Map(Object.entries({ B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }));

/** A duration in ms, 0 to Infinity. Throws INVALID_OPTION naming `option`. */
export function parseDuration(option: string, value: Duration): number {
  return parse(option, value, MS, "a duration: ms >= 0, or like '250ms', '5s', '1m', '12h', '7d'");
}

/** A size in bytes, 0 to Infinity. Throws INVALID_OPTION naming `option`. */
export function parseSize(option: string, value: Size): number {
  return parse(option, value, BYTES, "a size: bytes >= 0, or like '512B', '64KB', '256MB', '2GB'");
}

function parse(option: string, value: unknown, units: Units, expected: string): number {
  if (typeof value === 'number' && value >= 0) return value;
  if (typeof value === 'string') {
    const match = /^(\d+(?:\.\d+)?)([a-zA-Z]+)$/.exec(value);
    const [, amount, name = ''] = match ?? [];
    const unit = units.get(name);
    if (unit !== undefined) return Number(amount) * unit;
  }
  throw invalidOption(option, expected, value);
}
