import type { IncomingHttpHeaders } from 'node:http';
import type { Codec, EpochMs } from '@kvasir/core';
import { bodyCodec, prepareReplay, type RecordedResponse, type Replay } from '@kvasir/core/http';
import type { Fields } from './fields.ts';
import { singleOf } from './fields.ts';
import { dateOf } from './freshness.ts';
import { formatHttpDate, parseHttpDate } from './http-date.ts';
import type { Terms } from './storable.ts';
import type { Validators } from './validation.ts';
import { variantOf } from './vary.ts';

/** A stored response: what to send, when it may be sent, and to whom. Plain data but for the body. */
export interface Page extends Replay, Terms, Validators {
  /** Of the request that it answered. */
  readonly variant: string;
  readonly tags: readonly string[];
}

/** Why a load brought nothing to share. Never stored; told to who waited for the load. */
export interface Refusal {
  readonly refused: string;
  /** Another request may well do better: the answer broke off. */
  readonly isWorthRetrying: boolean;
  /** Whether the request that was refused carried credentials. */
  readonly hadCredentials: boolean;
}

export function isPage(loaded: Page | Refusal | undefined): loaded is Page {
  return loaded !== undefined && 'body' in loaded;
}

/** What this cache says anew each time: Age and Cache-Status of a response that was itself cached. */
const NOT_STORED = ['age', 'cache-status'];

export function makePage(
  response: RecordedResponse,
  fields: Fields,
  head: { terms: Terms; request: IncomingHttpHeaders; responseTime: EpochMs; tags: readonly string[] },
): Page {
  const { terms, request, responseTime, tags } = head;
  const date = dateOf(fields, responseTime);
  const replayed = prepareReplay(response, date === undefined ? [...NOT_STORED, 'date'] : NOT_STORED);
  return {
    ...replayed,
    // RFC 9110 section 6.6.1: what has no Date gets that of its receipt.
    fields: date === undefined ? [...replayed.fields, 'Date', formatHttpDate(responseTime)] : replayed.fields,
    ...terms,
    etag: singleOf(fields, 'etag') || undefined,
    lastModified: parseHttpDate(singleOf(fields, 'last-modified') ?? '', responseTime),
    date: date ?? responseTime,
    variant: variantOf(terms.vary, request),
    tags,
  };
}

/** Refusals have a TTL of 0, so only pages are ever encoded. */
export const pageCodec: Codec<Page | Refusal> = bodyCodec<Page>('web-page-2', (head) => {
  const { status, statusMessage, fields, freshUntil, bornAt, date, vary, variant, isForAll, servesAuthorization } =
    head;
  return (
    [status, freshUntil, bornAt, date].every((part) => typeof part === 'number') &&
    [statusMessage, variant].every((part) => typeof part === 'string') &&
    [isForAll, servesAuthorization, head['hasRepeats']].every((part) => typeof part === 'boolean') &&
    [fields, vary, head['tags']].every(isStrings)
  );
}) as Codec<Page | Refusal>;

function isStrings(part: unknown): boolean {
  return Array.isArray(part) && part.every((item) => typeof item === 'string');
}
