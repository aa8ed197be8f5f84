import { ServerResponse } from 'node:http';
import { applyPairs, toPairs } from './head.ts';
import type { HeaderList, RecordedResponse } from './recorder.ts';

/** A stored response made ready once, to be sent many times. Plain data: it survives JSON, but for the body. */
export interface Replay {
  readonly status: number;
  readonly statusMessage: string;
  /** Name, value, name, value …: what `writeHead` takes fastest. A name may repeat. */
  readonly fields: readonly string[];
  readonly hasRepeats: boolean;
  readonly body: Buffer;
}

/** Meant for one connection, RFC 9110 section 7.6.1 and RFC 9111 section 3.1; and the trailers that are not kept. */
const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Leaves out hop-by-hop fields, those that Connection lists, and `without` (lower case); Content-Length says what the body has. */
export function prepareReplay(response: RecordedResponse, without: readonly string[] = []): Replay {
  const { status, statusMessage, headers, body } = response;
  const dropped = new Set([...HOP_BY_HOP, ...listedInConnection(headers), ...without, 'content-length']);
  const names = new Set<string>();
  const fields: string[] = [];
  let hasRepeats = false;
  for (const [name, value] of headers) {
    const lowerCase = name.toLowerCase();
    if (dropped.has(lowerCase)) continue;
    hasRepeats ||= names.has(lowerCase);
    names.add(lowerCase);
    fields.push(name, value);
  }
  // RFC 9110 section 8.6: not on 204; on 304 it would be that of the 200.
  if (status !== 204 && status !== 304) fields.push('Content-Length', String(body.byteLength));
  return { status, statusMessage, fields, hasRepeats, body };
}

function listedInConnection(headers: HeaderList): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(','))
    .map((name) => name.trim().toLowerCase());
}

/**
 * Answers `res` with `stored` and the `added` fields (flat), which must not repeat a stored name. Fields that are on `res` already stay,
 * unless `stored` has them too. For HEAD the body is left out.
 */
export function replay(res: ServerResponse, stored: Replay, added: readonly string[]): void {
  const fields = stored.fields.concat(added);
  if (!stored.hasRepeats && res.writeHead === ServerResponse.prototype.writeHead) {
    res.writeHead(stored.status, stored.statusMessage, fields);
  } else {
    // Node 20 keeps the last of a repeated name when fields are set already; and not every wrapper of the head (compression, sessions)
    // understands a flat array.
    res.statusCode = stored.status;
    res.statusMessage = stored.statusMessage;
    applyPairs(res, toPairs(fields));
  }
  if (res.req.method === 'HEAD') res.end();
  else res.end(stored.body);
}
