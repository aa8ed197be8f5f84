import { type OnRequest, parseByteCount } from './line-parser.ts';

const EXPECTED = 'a line of an access log in common or combined format';
/** Host, identity, user, [time], "request", status, bytes; what follows (referrer, agent, more) does not matter. A virtual host may stand before. */
const LINE = /^\S+ \S+ [^[]*\[[^\]]*\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?=\s|$)/;
const REQUEST = /^(?:GET|HEAD) (\S+)(?: HTTP\/[\d.]+)?$/;

/** GET and HEAD that were answered with 200: the path with its query is the key. Others, what bots sent among them, are no requests. */
export function parseAccessLog(line: string, onRequest: OnRequest): string | undefined {
  const [, request = '', status, bytes = ''] = LINE.exec(line) ?? [];
  if (status === undefined) return EXPECTED;
  const size = bytes === '-' ? 0 : parseByteCount(bytes);
  if (size === undefined) return EXPECTED;
  const [, path] = status === '200' ? (REQUEST.exec(request) ?? []) : [];
  if (path !== undefined) onRequest(path, size);
  return undefined;
}
