import type { HeaderList } from '@kvasir/core/http';

/** Header fields by lower-case name, each with all its values in order. */
export type Fields = ReadonlyMap<string, readonly string[]>;

export function collectFields(headers: HeaderList): Fields {
  const fields = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lowerCase = name.toLowerCase();
    const values = fields.get(lowerCase);
    if (values === undefined) fields.set(lowerCase, [value]);
    else values.push(value);
  }
  return fields;
}

/** The field's lines as one list, RFC 9110 section 5.3; undefined when it is absent. */
export function listOf(fields: Fields, name: string): string | undefined {
  return fields.get(name)?.join(',');
}

/** The value of a field that must be single, RFC 9110 section 5.3; empty, which is valid for none of them, when its lines differ. */
export function singleOf(fields: Fields, name: string): string | undefined {
  const values = fields.get(name);
  if (values === undefined) return undefined;
  const [first = ''] = values;
  return values.every((value) => value === first) ? first : '';
}
