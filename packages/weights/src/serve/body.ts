import type { ServerResponse } from 'node:http';
import type { Span } from '../range.ts';

/**
 * Writes `parts` to `res`, the next one asked for only when the client took the last: a slow client holds two parts, whatever the length.
 * Resolves when all is written or the client has left; rejects with what `parts` throws, with nothing ended.
 */
export async function writeBody(res: ServerResponse, parts: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const part of parts) {
    if (res.destroyed) return;
    if (!res.write(part)) await drained(res);
    if (res.destroyed) return;
  }
  res.end();
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.on('drain', done);
    res.on('close', done);
  });
}

/** The part of `body`, which holds `held`, that lies in `wanted`. Throws when it ends before. */
export async function* cut(body: AsyncIterable<Uint8Array>, held: Span, wanted: Span): AsyncGenerator<Uint8Array> {
  let at = held.start;
  for await (const chunk of body) {
    const part = chunk.subarray(Math.max(0, wanted.start - at), Math.max(0, wanted.end - at));
    at += chunk.byteLength;
    if (part.byteLength > 0) yield part;
    if (at >= wanted.end) return;
  }
  if (at < wanted.end) throw new Error('the body ended early');
}
