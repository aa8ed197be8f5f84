import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { RequestBody } from './request-key.ts';

/** What became of the body. In every case but `gone` the handler can still read it all, whichever way it likes. */
export type BodyReading =
  | { readonly state: 'read'; readonly body: RequestBody; readonly value: unknown }
  | { readonly state: 'unusable'; readonly detail: 'body-too-large' | 'malformed' | 'body-consumed' | 'empty' }
  /** The client left before all of it came; there is nobody to answer. */
  | { readonly state: 'gone' };

/** What a body parser that ran before left on the request; `_body` is how those of Express tell each other. */
type Parsed = IncomingMessage & { body?: unknown; _body?: boolean };

/**
 * Reads a JSON body of at most `maxBytes` and puts it back into the stream: a body parser further down, or a proxy that pipes the request, finds
 * it untouched. What is longer is put back as far as it was read, and streams on. When nobody parsed it before, `req.body` is set for handlers without a parser of their own.
 */
export async function readBody(req: IncomingMessage, maxBytes: number): Promise<BodyReading> {
  const parsed = req as Parsed;
  if (parsed._body === true || (req.readableEnded && parsed.body !== undefined)) return fromParser(parsed.body);
  if (req.destroyed && !req.complete) return { state: 'gone' };
  if (req.readableEnded || req.readableDidRead) return { state: 'unusable', detail: 'body-consumed' };
  const declared = req.headers['content-length'];
  if (declared === '0' || (declared === undefined && req.headers['transfer-encoding'] === undefined))
    return { state: 'unusable', detail: 'empty' };
  if (Number(declared ?? 0) > maxBytes) return { state: 'unusable', detail: 'body-too-large' };
  const bytes = await takeAll(req, maxBytes);
  if (bytes === 'gone') return { state: 'gone' };
  if (bytes === 'too-large') return { state: 'unusable', detail: 'body-too-large' };
  if (bytes.byteLength === 0) {
    // The end has been seen, so that a parser further down would wait for it in vain.
    parsed._body = true;
    return { state: 'unusable', detail: 'empty' };
  }
  const reading = parse(bytes);
  if (reading.state === 'read' && parsed.body === undefined) parsed.body = reading.value;
  return reading;
}

function fromParser(body: unknown): BodyReading {
  if (Buffer.isBuffer(body)) return parse(body);
  if (typeof body === 'string') return parse(Buffer.from(body));
  if (body === undefined) return { state: 'unusable', detail: 'empty' };
  return { state: 'read', body: { parsed: body }, value: body };
}

function parse(bytes: Buffer): BodyReading {
  // Bytes that are not UTF-8 would read as replacement characters, and different bodies as the same.
  if (!isUtf8(bytes)) return { state: 'unusable', detail: 'malformed' };
  const text = bytes.toString('utf8');
  try {
    return { state: 'read', body: { text }, value: JSON.parse(text) };
  } catch {
    return { state: 'unusable', detail: 'malformed' };
  }
}

function takeAll(req: IncomingMessage, maxBytes: number): Promise<Buffer | 'too-large' | 'gone'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (result: Buffer | 'too-large' | 'gone'): void => {
      req.off('readable', onReadable);
      req.off('close', onGone);
      req.off('error', onGone);
      resolve(result);
    };
    const onGone = (): void => settle('gone');
    const onReadable = (): void => {
      for (let chunk: Buffer | null = req.read(); chunk !== null; chunk = req.read()) {
        chunks.push(chunk);
        size += chunk.byteLength;
      }
      if (size <= maxBytes && !req.complete) return;
      const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      // Before this turn of the event loop is over, so that the stream is not at its end yet and takes it back.
      req.unshift(bytes);
      settle(size > maxBytes ? 'too-large' : bytes);
    };
    req.on('readable', onReadable);
    req.on('close', onGone);
    req.on('error', onGone);
  });
}
