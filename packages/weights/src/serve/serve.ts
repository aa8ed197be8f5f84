import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CacheStatus, controlOf, setCacheStatus } from '@kvasir/core/http';
import { type Description, etagOf } from '../description.ts';
import { faultOf, originFailed } from '../fault.ts';
import type { Found, Library } from '../library.ts';
import { parseName } from '../name.ts';
import type { Settings } from '../options.ts';
import type { Origin } from '../origin/origin.ts';
import type { Span } from '../range.ts';
import type { Version } from '../version.ts';
import { cut, writeBody } from './body.ts';
import { evaluate } from './conditional.ts';
import { answerFailure } from './failure.ts';
import { answerText, clearHead, planOf, setHead } from './head.ts';

export interface ServeOptions {
  readonly library: Library;
  readonly origin: Origin;
  readonly settings: Settings;
}

/** One request, whole. Rejects only with what `authorize` threw. */
export async function serve(
  options: ServeOptions,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
): Promise<void> {
  const parsed = parseName(req.url ?? '');
  if ((req.method !== 'GET' && req.method !== 'HEAD') || parsed.name === '') return next();
  if (parsed.name === undefined) {
    const isMalformed = parsed.refusal === 'malformed';
    return answerText(res, isMalformed ? 400 : 404, isMalformed ? 'Bad path' : 'Not found');
  }
  const { name } = parsed;
  const control = controlOf(req);
  if (options.settings.authorize !== undefined) {
    // What depends on who asks must not be kept by a shared cache in front of us.
    res.setHeader('cache-control', 'private');
    if (!(await options.settings.authorize(req, name))) return answerText(res, 403, 'Forbidden');
  }
  try {
    if (control.skipped) await passThrough(options, name, req, res);
    else await serveCached(options, name, req, res);
  } catch (error) {
    answerFailure(res, error);
  }
}

async function serveCached(
  { library, settings }: ServeOptions,
  name: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const found = await library.find(name);
    if (found === undefined) return answerText(res, 404, 'Not found');
    try {
      const span = begin(found.version.description, req, res);
      if (span === undefined) return finish(res, found, { start: 0, end: 0 });
      return await sendCached(res, found, span, settings.verify);
    } catch (error) {
      // Noticed while nothing was sent yet: the new version can still be the answer.
      if (res.headersSent || attempt > 0 || !isOutdated(error)) throw error;
      clearHead(res);
    }
  }
}

async function sendCached(res: ServerResponse, found: Found, span: Span, verify: 'stream' | 'full'): Promise<void> {
  const { version } = found;
  const before = statusOf(found, span);
  if (verify === 'full') await version.verify();
  let isJoined = false;
  const parts = version.read(span, (outcome) => {
    isJoined = outcome === 'join';
  });
  await send(res, parts, () => ({
    ...before,
    ...(before.stored === true && isJoined && { stored: false, collapsed: true }),
    detail: detailOf(version),
  }));
}

/** Straight from the origin: nothing is kept, nothing is checked. */
async function passThrough(
  { library, origin }: ServeOptions,
  name: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const description = await library.look(name);
  if (description === undefined) return answerText(res, 404, 'Not found');
  const status: CacheStatus = { fwd: 'bypass', detail: 'skip' };
  const span = begin(description, req, res);
  if (span === undefined || span.start === span.end) {
    setCacheStatus(res, status);
    res.end();
    return;
  }
  const leaving = new AbortController();
  res.once('close', () => leaving.abort());
  const part = await origin.fetch(description, span, leaving.signal);
  if (part.span.end < span.end) throw originFailed(name, 'the origin gave less than was asked', { kind: 'broken' });
  await send(res, cut(part.body, part.span, span), () => status);
}

/** Sets the head. Undefined: the answer has no body, and only wants to be ended. */
function begin(description: Description, req: IncomingMessage, res: ServerResponse): Span | undefined {
  const etag = etagOf(description);
  const verdict = evaluate(req.headers, etag);
  if (verdict !== 'proceed') {
    res.setHeader('etag', etag);
    res.statusCode = verdict === 'failed' ? 412 : 304;
    return undefined;
  }
  const plan = planOf(req, etag, description.size);
  setHead(res, plan, etag, description.size);
  return req.method === 'HEAD' ? undefined : plan.span;
}

/** The first part is waited for before the head goes out, so that an origin that fails at once is a 502 and not a broken body. */
async function send(
  res: ServerResponse,
  parts: AsyncGenerator<Uint8Array>,
  statusOf: () => CacheStatus,
): Promise<void> {
  const first = await parts.next();
  setCacheStatus(res, statusOf());
  await writeBody(res, resume(first, parts));
}

async function* resume(
  first: IteratorResult<Uint8Array>,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function finish(res: ServerResponse, found: Found, span: Span): void {
  setCacheStatus(res, statusOf(found, span));
  res.end();
}

function statusOf({ version, isConfirmed, ttlMs }: Found, span: Span): CacheStatus {
  const detail = detailOf(version);
  const here = version.presence(span);
  if (here !== 'all') return { fwd: here === 'some' ? 'partial' : 'uri-miss', stored: true, detail };
  return isConfirmed ? { hit: true, ttl: ttlMs / 1000, detail } : { fwd: 'stale', detail };
}

/** What is known of the digest when the head is sent. A first answer is `unverified`, though its end will come only when it is. */
function detailOf({ seal }: Version): string {
  if (seal === undefined) return 'unverified';
  return seal.independent ? 'verified' : 'first-use';
}

function isOutdated(error: unknown): boolean {
  const kind = faultOf(error)?.kind;
  return kind === 'changed' || kind === 'replaced';
}
