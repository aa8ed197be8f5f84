import { type LineParser, parseByteCount } from './line-parser.ts';

const EXPECTED = 'key,size with the size in bytes';
/** A field: in quotes, with quotes inside doubled, or without any (RFC 4180, section 2). */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

/** Key and size, in this order, or where a first line with the names `key` and `size` says. Fields with line breaks are not read. */
export function makeCsvParser(): LineParser {
  let keyAt = 0;
  let sizeAt = 1;
  let isFirst = true;
  return (line, onRequest) => {
    const fields = splitFields(line);
    const mayBeHeader = isFirst;
    isFirst = false;
    if (mayBeHeader && fields !== undefined) {
      const names = fields.map((field) => field.trim().toLowerCase());
      if (names.includes('key') && names.includes('size')) {
        keyAt = names.indexOf('key');
        sizeAt = names.indexOf('size');
        return undefined;
      }
    }
    const key = fields?.[keyAt];
    const size = parseByteCount(fields?.[sizeAt]?.trim() ?? '');
    if (key === undefined || key === '' || size === undefined) return EXPECTED;
    onRequest(key, size);
    return undefined;
  };
}

/** undefined when quotes do not match. */
export function splitFields(line: string): string[] | undefined {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(line);
    if (match === null) return undefined;
    const [, quoted, plain = '', end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') return fields;
  }
}
