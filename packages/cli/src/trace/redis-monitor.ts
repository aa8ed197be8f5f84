import type { OnRequest } from './line-parser.ts';

const EXPECTED = 'a line of the output of MONITOR';
const LINE = /^\+?\d+\.\d+ \[(\d+) [^\]]*\] "([^"\\]+)"((?: "(?:[^"\\]|\\.)*")*)$/;
const ARGUMENT = /"((?:[^"\\]|\\.)*)"/g;
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|(.))/g;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

/** Commands that read; their first argument is the key. */
const READS = new Set(
  (
    'get getex getrange getbit bitcount strlen hget hmget hgetall hexists hkeys hlen hvals hscan lindex llen lrange ' +
    'scard sismember smismember smembers srandmember sscan zcard zcount zmscore zrange zrangebyscore zrank zrevrange ' +
    'zrevrangebyscore zrevrank zscan zscore xlen xrange xrevrange json.get json.mget'
  ).split(' '),
);
/** All their arguments are keys. */
const READS_ALL = new Set(['mget', 'exists']);

/** Keys of database 0 as they are, of others with `db<n> ` before. Writes and other commands are no requests. */
export function parseMonitor(line: string, onRequest: OnRequest): string | undefined {
  if (line === 'OK') return undefined;
  const [, database = '0', name = '', rest = ''] = LINE.exec(line) ?? [];
  if (name === '') return EXPECTED;
  const command = name.toLowerCase();
  const readsAll = READS_ALL.has(command);
  if (!readsAll && !READS.has(command)) return undefined;
  const prefix = database === '0' ? '' : `db${database} `;
  for (const [, argument = ''] of rest.matchAll(ARGUMENT)) {
    onRequest(prefix + unescape(argument), 0);
    if (!readsAll) break;
  }
  return undefined;
}

function unescape(argument: string): string {
  if (!argument.includes('\\')) return argument;
  return argument.replace(ESCAPE, (_all, hex: string | undefined, other: string | undefined) =>
    hex === undefined ? (ESCAPED[other ?? ''] ?? other ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
