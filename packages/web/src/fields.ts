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

/** `headers` without the fields that are in `before` with the same values. */
export function withoutUnchanged(headers: HeaderList, before: Fields): HeaderList {
  const after = collectFields(headers);
  const isUnchanged = (name: string): boolean => {
    const [values, valuesBefore] = [after.get(name), before.get(name)];
    return (
      values?.length === valuesBefore?.length && values?.every((value, at) => value === valuesBefore?.[at]) === true
    );
  };
  return headers.filter(([name]) => !isUnchanged(name.toLowerCase()));
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
