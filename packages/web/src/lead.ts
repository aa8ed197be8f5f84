import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import {
  type CacheStatus,
  controlOf,
  listHeaders,
  type RecordedResponse,
  recordResponse,
  setCacheStatus,
} from '@kvasir/core/http';
import { hasCredentials } from './credentials.ts';
import { collectFields, type Fields, singleOf, withoutUnchanged } from './fields.ts';
import type { Next } from './forward.ts';
import { dateOf } from './freshness.ts';
import { formatHttpDate } from './http-date.ts';
import type { Settings } from './options.ts';
import { makePage, type Page, type Refusal } from './page.ts';
import { judge, type Terms } from './storable.ts';
import { areFit, responseTags, targetTags } from './tags.ts';
import type { Target } from './target.ts';

/** A request whose handler runs for everyone who waits for the same. */
export interface Leader {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly next: Next;
  readonly target: Target;
  /** As they came: the handler may change its own. */
  readonly headers: IncomingHttpHeaders;
  readonly fwd: NonNullable<CacheStatus['fwd']>;
  /** The last word, once the rules have agreed to store a page on these terms. A reason, or undefined. */
  readonly object: (terms: Terms) => string | undefined;
}

interface Head {
  readonly terms: Terms;
  readonly fields: Fields;
  readonly responseTime: number;
}

/** A refusal, and whether the next such request should find out for itself. */
export interface Unshared {
  readonly refusal: Refusal;
  readonly isLasting: boolean;
}

/** Runs the handler, which answers this client, and brings the page for the others. Never rejects. */
export async function lead(leader: Leader, settings: Settings): Promise<{ readonly page: Page } | Unshared> {
  const { req, res, next, headers } = leader;
  const requestTime = settings.clock.now();
  let head: Head | undefined;
  let reason = 'aborted';
  let status = 0;
  // The answer is for all, so it must be whole, whatever this client has already. It gets the whole, too.
  delete req.headers['if-none-match'];
  delete req.headers['if-modified-since'];
  // What was put there further up (CORS, request ids, rate limits) is about this client, and on every other answer anyway.
  const before = collectFields(listHeaders(res));
  const recording = recordResponse(res, {
    maxBytes: settings.maxBodyBytes,
    clock: settings.clock,
    onHead(code, list) {
      status = code;
      const judged = judgeHead(leader, settings, { status, fields: collectFields(list), requestTime });
      if (typeof judged === 'string') reason = judged;
      else head = judged;
      // The others get it from the page: this client shall see the same.
      if (head !== undefined && dateOf(head.fields, head.responseTime) === undefined)
        res.setHeader('Date', formatHttpDate(head.responseTime));
      setCacheStatus(res, { fwd: leader.fwd, fwdStatus: code, ...(head ? { stored: true } : { detail: reason }) });
      return head !== undefined;
    },
  });
  start(next);
  const outcome = await recording;
  if (head !== undefined && outcome.complete) {
    const { response } = outcome;
    const headers = withoutUnchanged(response.headers, before);
    // Wrappers of the head that were mounted before the cache (sessions) add their fields after it has been judged.
    const judged = judgeHead(leader, settings, { status, fields: collectFields(listHeaders(res)), requestTime });
    const page =
      typeof judged === 'string' ? judged : (finish(leader, settings, { ...response, headers }, head) ?? 'tags');
    if (typeof page !== 'string') return { page };
    reason = page;
  } else if (head !== undefined && !outcome.complete) {
    reason = outcome.reason;
  }
  const brokeOff = reason === 'aborted' || reason === 'length-mismatch';
  return {
    refusal: { refused: reason, isWorthRetrying: brokeOff, hadCredentials: hasCredentials(headers) },
    isLasting: !brokeOff && status < 500,
  };
}

/** Express hands what its handlers throw to its error handlers; a bare server's `next` may throw. */
function start(next: Next): void {
  try {
    next();
  } catch (error) {
    next(error);
  }
}

function judgeHead(
  leader: Leader,
  settings: Settings,
  { status, fields, requestTime }: { status: number; fields: Fields; requestTime: number },
): Head | string {
  const { req, headers } = leader;
  const control = controlOf(req);
  if (control.skipped) return 'skip';
  const responseTime = settings.clock.now();
  const { terms, ...refused } = judge({
    request: headers,
    requestTime,
    status,
    fields,
    responseTime,
    routeTtlMs: control.ttlMs,
    defaultTtlMs: settings.ttlMs,
  });
  if (terms === undefined) return 'reason' in refused ? String(refused.reason) : 'refused';
  if (Number(singleOf(fields, 'content-length') ?? 0) > settings.maxBodyBytes) return 'too-large';
  if (ownTags(leader, settings, fields) === undefined) return 'tags';
  return leader.object(terms) ?? { terms, fields, responseTime };
}

function finish(leader: Leader, settings: Settings, response: RecordedResponse, head: Head): Page | undefined {
  const { terms, fields, responseTime } = head;
  const tags = ownTags(leader, settings, fields);
  if (tags === undefined) return undefined;
  return makePage(response, fields, {
    terms,
    request: leader.headers,
    responseTime,
    tags: [...targetTags(leader.target), ...tags],
  });
}

/** Undefined when they are not fit to be tags. */
function ownTags({ req }: Leader, settings: Settings, fields: Fields): readonly string[] | undefined {
  try {
    const tags = [...settings.tagsOf(req), ...controlOf(req).tagList, ...responseTags(fields)];
    return areFit(tags) ? tags : undefined;
  } catch {
    return undefined;
  }
}
