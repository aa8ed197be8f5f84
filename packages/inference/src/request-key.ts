import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { CREDENTIAL_HEADERS } from '@kvasir/core/http';
import { canonicalise } from './canonical.ts';

/** Request headers that change the answer: two requests that differ in one of them are two requests. `x-stainless-*` and all others never count. */
export const KEY_HEADERS: readonly string[] = [
  'accept',
  'anthropic-beta',
  'anthropic-version',
  'content-type',
  'extra-parameters',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'prefer',
  'x-forwarded-host',
  'x-goog-user-project',
  'x-portkey-config',
  'x-portkey-provider',
  'x-portkey-virtual-key',
];

/** The JSON body of a request: as text when nobody has parsed it yet, else what the parser made of it. */
export type RequestBody = { readonly text: string } | { readonly parsed: unknown };

export interface KeyOptions {
  readonly secret: string;
  readonly ignoreFields: readonly string[];
  /** Undefined: the credentials themselves. */
  readonly tenant: string | undefined;
}

/**
 * HMAC-SHA-256 over method, host, path with query, tenant, headers and the canonical body. Nothing of these can be read from the key, and without
 * the secret nobody can try out credentials against it. Undefined for a parsed body that JSON cannot say.
 */
export function keyOf(
  req: IncomingMessage & { readonly originalUrl?: string },
  body: RequestBody,
  options: KeyOptions,
): string | undefined {
  const text = 'text' in body ? body.text : stringify(body.parsed);
  if (text === undefined) return undefined;
  const form = canonicalise(text, options.ignoreFields);
  const tenant = options.tenant === undefined ? pick(req.headers, CREDENTIAL_HEADERS) : options.tenant;
  // One app may answer for many hosts; the port only says which of its processes.
  const host = (req.headers.host ?? '').toLowerCase().replace(/:\d*$/, '');
  const about = [req.method, host, req.originalUrl ?? req.url, tenant, pick(req.headers, KEY_HEADERS)];
  const mac = createHmac('sha256', options.secret).update(JSON.stringify(about));
  // A line feed stands in no JSON.stringify text, and the word keeps a body that has no canonical form apart from one that is spelled like one.
  return mac.update(form === undefined ? `\nraw\n${text}` : `\ncanonical\n${form}`).digest('base64url');
}

function pick(headers: IncomingHttpHeaders, names: readonly string[]): (string | string[] | null)[] {
  // RFC 9110 section 12.5.1: without Accept, anything will do.
  return names.map((name) => (name === 'accept' && headers[name] === '*/*' ? null : (headers[name] ?? null)));
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
