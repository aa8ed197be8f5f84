import type { IncomingMessage } from 'node:http';
import {
  type Cache,
  type Clock,
  checkFunction,
  checkKnown,
  checkMethods,
  createCache,
  type Duration,
  invalidOption,
  parseDuration,
  parseSize,
  type Size,
  systemClock,
} from '@kvasir/core';
import { memory } from '@kvasir/memory';
import type { StreamEvent } from './event-stream.ts';

/** What Express, and what is plugged into it, says about a request. */
export type TenantRequest = IncomingMessage & Express.Request & { readonly originalUrl?: string };

export interface InferenceOptions {
  /** Default: one of its own, in 64 MB of memory. A cache that is passed in is not closed. */
  readonly cache?: Cache;
  /** How long an answer is fresh; then the model is asked again. Default '1h'. */
  readonly ttl?: Duration;
  /**
   * Whose answers these are: only requests of the same tenant share. Undefined, or a throw: this request is not cached.
   * Default: the request headers of {@link CREDENTIAL_HEADERS}, all of them together.
   */
  readonly tenant?: (req: TenantRequest) => string | undefined;
  /** At least 16 characters; keys are HMACs under it. Set it when others can read the cache's keys, the same in all processes. Default: a fixed word. */
  readonly secret?: string;
  /** Top-level fields of the body that do not change the answer. Default: none; every field counts. */
  readonly ignoreFields?: readonly string[];
  /** What becomes of requests that ask for chance: neither `temperature: 0` nor a `seed`. Default 'cache'. */
  readonly sampled?: 'cache' | 'bypass';
  /** Keep answers that a token limit or a filter cut off. Default false. */
  readonly storeTruncated?: boolean;
  /** Recognises the last event of event streams other than OpenAI's and Anthropic's, which without it are not kept. */
  readonly endsStream?: (last: StreamEvent) => boolean;
  /** Longer request bodies pass by. Default '10MB'. */
  readonly maxRequestBytes?: Size;
  /** Longer answers pass by. Default '8MB'. */
  readonly maxAnswerBytes?: Size;
  /** That of the cache, where it is not the system's. */
  readonly clock?: Clock;
}

export const DEFAULTS: {
  readonly ttl: Duration;
  readonly ignoreFields: readonly string[];
  readonly sampled: 'cache' | 'bypass';
  readonly storeTruncated: boolean;
  readonly maxRequestBytes: Size;
  readonly maxAnswerBytes: Size;
} = {
  ttl: '1h',
  ignoreFields: [],
  sampled: 'cache',
  storeTruncated: false,
  maxRequestBytes: '10MB',
  maxAnswerBytes: '8MB',
};

const KNOWN: readonly string[] = [...Object.keys(DEFAULTS), 'cache', 'tenant', 'secret', 'endsStream', 'clock'];
const MIN_SECRET_LENGTH = 16;

export interface Settings {
  readonly cache: Cache;
  readonly ttlMs: number;
  readonly tenant: InferenceOptions['tenant'];
  readonly secret: string;
  readonly ignoreFields: readonly string[];
  readonly sampled: 'cache' | 'bypass';
  readonly storeTruncated: boolean;
  readonly endsStream: InferenceOptions['endsStream'];
  readonly maxRequestBytes: number;
  readonly maxAnswerBytes: number;
  readonly clock: Clock;
}

/** Throws INVALID_OPTION. */
export function readOptions(options: InferenceOptions): Settings {
  checkKnown('inference()', options, KNOWN);
  checkFunction('inference() tenant', options.tenant);
  checkFunction('inference() endsStream', options.endsStream);
  const { cache, secret = 'kvasir inference', clock = systemClock } = options;
  checkMethods('inference() cache', cache, ['namespace', 'invalidateTags']);
  checkMethods('inference() clock', clock, ['now', 'after']);
  const { ignoreFields, sampled, storeTruncated } = { ...DEFAULTS, ...dropUndefined(options) };
  if (typeof secret !== 'string' || secret.length < MIN_SECRET_LENGTH)
    throw invalidOption(
      'inference() secret',
      `at least ${MIN_SECRET_LENGTH} characters`,
      typeof secret === 'string' ? 'fewer' : typeof secret,
    );
  if (!Array.isArray(ignoreFields) || !ignoreFields.every((name) => typeof name === 'string'))
    throw invalidOption('inference() ignoreFields', 'an array of field names', ignoreFields);
  if (sampled !== 'cache' && sampled !== 'bypass')
    throw invalidOption('inference() sampled', "'cache' or 'bypass'", sampled);
  if (typeof storeTruncated !== 'boolean')
    throw invalidOption('inference() storeTruncated', 'a boolean', storeTruncated);
  return {
    cache: cache ?? createCache({ tiers: [memory({ clock })], clock }),
    ttlMs: parseDuration('inference() ttl', options.ttl ?? DEFAULTS.ttl),
    tenant: options.tenant,
    secret,
    ignoreFields: [...ignoreFields],
    sampled,
    storeTruncated,
    endsStream: options.endsStream,
    maxRequestBytes: parseSize('inference() maxRequestBytes', options.maxRequestBytes ?? DEFAULTS.maxRequestBytes),
    maxAnswerBytes: parseSize('inference() maxAnswerBytes', options.maxAnswerBytes ?? DEFAULTS.maxAnswerBytes),
    clock,
  };
}

function dropUndefined(options: InferenceOptions): InferenceOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
