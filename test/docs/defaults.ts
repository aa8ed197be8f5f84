import { inspect } from 'node:util';
import { parseDuration, parseSize } from '@kvasir/core';
import { findRows, plain } from './tables.ts';

function amount(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const number = Number(value.replaceAll(',', ''));
  if (value !== '' && !Number.isNaN(number)) return number;
  for (const parse of [parseDuration, parseSize])
    try {
      return parse('', value as never);
    } catch {
      // Not of this kind.
    }
  return undefined;
}

/** What is no plain value, a policy say, is only asked to be in the table. */
function agree(said: string, value: unknown): boolean {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') return true;
  if (said === String(value) || said === inspect(value)) return true;
  const expected = amount(value);
  return expected !== undefined && amount(said) === expected;
}

/** What a page's tables of `option | default` say otherwise than a package's DEFAULTS, or leave out. */
export function compareDefaults(page: string, defaults: Readonly<Record<string, unknown>>): string[] {
  const rows = findRows(page, 'option', 'default');
  return Object.entries(defaults).flatMap(([option, value]) => {
    const said = rows.filter((row) => plain(row['option'] ?? '') === option).map((row) => plain(row['default'] ?? ''));
    if (said.length === 0) return [`${option} is in no table of options (default ${inspect(value)})`];
    return said.some((text) => agree(text, value))
      ? []
      : [`${option}: the page says ${said.join(' and ')}, the code ${inspect(value)}`];
  });
}
