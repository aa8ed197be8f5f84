import type { ServerResponse } from 'node:http';
import type { Codec } from '@kvasir/core';
import {
  bodyCodec,
  CREDENTIAL_HEADERS,
  type HeaderList,
  prepareReplay,
  type RecordedResponse,
  type Replay,
} from '@kvasir/core/http';
import { KEY_HEADERS } from './request-key.ts';

/** A whole answer, ready to be sent again. Its status is 200. */
export type Answer = Replay;

export const answerCodec: Codec<Answer> = bodyCodec<Answer>(
  'inference-answer',
  ({ status, statusMessage, fields }) =>
    status === 200 &&
    typeof statusMessage === 'string' &&
    Array.isArray(fields) &&
    fields.every((field) => typeof field === 'string'),
);

/**
 * Response fields that belong to one call and not to its answer: who made it, when, what it counted for. `x-request-id` too: it names a call of
 * another user in the provider's logs, so that an answer from cache has none. Fields for one connection are never replayed either.
 */
export const CALL_FIELDS: readonly string[] = [
  'age',
  'alt-svc',
  'apim-request-id',
  'azureml-model-session',
  'cache-status',
  'cf-cache-status',
  'cf-ray',
  'date',
  'nel',
  'openai-organization',
  'openai-processing-ms',
  'openai-project',
  'anthropic-organization-id',
  'report-to',
  'request-id',
  'retry-after',
  'server-timing',
  'set-cookie',
  'traceparent',
  'x-envoy-upstream-service-time',
  'x-request-id',
  'x-response-time',
];

/** Whole families of such fields. */
const CALL_FIELD_FAMILY = /^(?:x-ratelimit-|ratelimit|anthropic-ratelimit-|x-ms-)/;

/** What an answer's head, as far as the handler wrote it, says against keeping it or showing it to others. */
export function flawOfHead(status: number, headers: HeaderList): string | undefined {
  if (status !== 200) return 'status';
  const list = (name: string): string[] => listOf(headers, name);
  if (list('cache-control').some((directive) => /^(?:no-store|private)\b/.test(directive))) return 'no-store';
  if (list('content-encoding').some((encoding) => encoding !== 'identity')) return 'content-encoding';
  return list('vary').every((name) => COUNTED.has(name)) ? undefined : 'vary';
}

/** Request headers on which an answer may depend, since the key does. Nothing that is kept is encoded, so Accept-Encoding does not matter. */
const COUNTED: ReadonlySet<string> = new Set([...KEY_HEADERS, ...CREDENTIAL_HEADERS, 'accept-encoding', 'host']);

export function contentTypeOf(headers: HeaderList): string {
  return headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
}

/** The fields that make `response` an answer, whoever asks. */
export function toAnswer(response: RecordedResponse): Answer {
  // Vary is for caches that know nothing of the body; over what others put there, it would be wrong.
  const families = response.headers.map(([name]) => name.toLowerCase()).filter((name) => CALL_FIELD_FAMILY.test(name));
  return prepareReplay(response, [...CALL_FIELDS, ...families, 'vary']);
}

/**
 * What was on `res` before the handler ran: it is on every answer, put there by what is mounted further up (CORS, sessions), and no
 * part of what the handler said. The returned function takes it out of a list of fields.
 */
export function noteFields(res: ServerResponse): (headers: HeaderList) => HeaderList {
  const before = new Set<string>();
  for (const [name, value] of Object.entries(res.getHeaders())) {
    for (const item of Array.isArray(value) ? value : [value]) before.add(`${name.toLowerCase()}:${item}`);
  }
  const varied = [res.getHeader('vary') ?? []]
    .flat()
    .join(',')
    .toLowerCase()
    .split(/\s*,\s*/);
  return (headers) =>
    headers
      .filter(([name, value]) => !before.has(`${name.toLowerCase()}:${value}`))
      .flatMap(([name, value]) =>
        name.toLowerCase() === 'vary' ? withoutNames(name, value, varied) : [[name, value] as const],
      );
}

function withoutNames(field: string, value: string, names: readonly string[]): HeaderList {
  const rest = value.split(/\s*,\s*/).filter((name) => !names.includes(name.toLowerCase()));
  return rest.length === 0 ? [] : [[field, rest.join(', ')]];
}

function listOf(headers: HeaderList, name: string): string[] {
  return headers
    .filter(([field]) => field.toLowerCase() === name)
    .flatMap(([, value]) => value.split(','))
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== '');
}
