/**
 * Settings that change what a SELECT answers or how its cells are written, so they are part of every key. Others (timeouts, memory,
 * planner, `app.*`) do not, or only through functions such as current_setting() whose answers are never kept.
 */
export const SETTINGS: readonly string[] = [
  'search_path',
  'timezone',
  'datestyle',
  'intervalstyle',
  'bytea_output',
  'extra_float_digits',
  'client_encoding',
  'lc_monetary',
  'lc_numeric',
  'lc_time',
  'timezone_abbreviations',
  'default_text_search_config',
  'xmlbinary',
  'xmloption',
  'standard_conforming_strings',
  'escape_string_warning',
  'backslash_quote',
  'array_nulls',
  'transform_null_equals',
  'quote_all_identifiers',
  'row_security',
];

const CHANGING: ReadonlySet<string> = new Set([...SETTINGS, 'role', 'session_authorization']);

/** SET of `name` changes what a later SELECT on the connection answers. */
export function isKeyed(name: string): boolean {
  return CHANGING.has(name.toLowerCase());
}
