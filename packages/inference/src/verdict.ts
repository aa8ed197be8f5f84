import { isUtf8 } from 'node:buffer';
import { parseEventStream, type StreamEvent } from './event-stream.ts';

/** Why an answer that came with status 200 is not kept. */
export type Flaw =
  /** No bytes at all, or a stream that says nothing before it ends. */
  | 'empty'
  /** Not UTF-8, not JSON, or cut off within a line. */
  | 'malformed'
  /** The answer is an error, or an error ended it. */
  | 'error'
  /** The model was cut off: by a token limit, a filter, or because the run is not over. */
  | 'truncated'
  /** A stream that ended without saying so, or went on after it had. */
  | 'unterminated';

export interface VerdictOptions {
  /** Keep answers that the model was cut off in. */
  readonly storeTruncated: boolean;
  /** Recognises the last event of an event stream of one's own. */
  readonly endsStream: ((last: StreamEvent) => boolean) | undefined;
}

/** The kind of body, for what is known to be said in it. */
export type BodyKind = 'json' | 'event-stream' | 'ndjson' | 'bytes';

export function kindOf(contentType: string): BodyKind {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (type === 'text/event-stream') return 'event-stream';
  if (/^application\/(?:x-ndjson|ndjson|jsonl|x-jsonl|json-seq|jsonlines|x-jsonlines)$/.test(type)) return 'ndjson';
  return 'bytes';
}

/** What is wrong with a body that the transport brought whole, or undefined when it may be kept. */
export function findFlaw(kind: BodyKind, body: Buffer, options: VerdictOptions): Flaw | undefined {
  if (body.byteLength === 0) return 'empty';
  if (kind === 'bytes') return undefined;
  if (!isUtf8(body)) return 'malformed';
  const text = body.toString('utf8');
  if (kind === 'json') return flawOfDocument(text, options);
  return kind === 'ndjson' ? flawOfLines(text, options) : flawOfEvents(parseEventStream(text), options);
}

function flawOfDocument(text: string, options: VerdictOptions): Flaw | undefined {
  const document = parse(text);
  return document === undefined ? 'malformed' : flawOfMessage(document.value, options);
}

/** Ollama's streams: one JSON object a line, the last with `done: true`. */
function flawOfLines(text: string, options: VerdictOptions): Flaw | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  let done = false;
  for (const line of lines) {
    if (done) return 'unterminated';
    const message = parse(line);
    if (message === undefined) return 'malformed';
    const flaw = flawOfMessage(message.value, options);
    if (flaw !== undefined) return flaw;
    done = isRecord(message.value) && message.value['done'] === true;
  }
  return done ? undefined : 'unterminated';
}

/**
 * Event streams whose end is known: `[DONE]` (OpenAI's chat and text completions and all that imitate them), `message_stop` (Anthropic),
 * `response.completed` (OpenAI's Responses). A clean end of the transport proves nothing: it is what a proxy makes of a dead upstream.
 */
function flawOfEvents(events: readonly StreamEvent[], options: VerdictOptions): Flaw | undefined {
  const last = events.at(-1);
  if (last === undefined) return 'empty';
  for (const event of events) {
    const flaw = flawOfEvent(event, options);
    if (flaw !== undefined) return flaw;
  }
  const end = events.findIndex(isTerminator);
  if (end !== -1) {
    if (end < events.length - 1) return 'unterminated';
    return end === 0 ? 'empty' : undefined;
  }
  return options.endsStream?.(last) === true ? undefined : 'unterminated';
}

function flawOfEvent({ event, data }: StreamEvent, options: VerdictOptions): Flaw | undefined {
  if (event === 'error') return 'error';
  if (!data.startsWith('{')) return undefined;
  const message = parse(data);
  return message === undefined ? 'malformed' : flawOfMessage(message.value, options);
}

function isTerminator({ data }: StreamEvent): boolean {
  if (data === '[DONE]') return true;
  if (!data.startsWith('{') || !/message_stop|response\.completed/.test(data)) return false;
  const message = parse(data)?.value;
  return isRecord(message) && (message['type'] === 'message_stop' || message['type'] === 'response.completed');
}

/** Where the APIs say why the model stopped, and with which words they say that it was cut off. */
const CUT_OFF = new Set([
  'length',
  'max_tokens',
  'max_output_tokens',
  'model_context_window_exceeded',
  'content_filter',
  'model_length',
]);
const UNFINISHED = new Set(['incomplete', 'in_progress', 'queued', 'cancelled']);

/** A whole answer, or one message of a stream: OpenAI's completions and responses, Anthropic's messages, Ollama's. */
function flawOfMessage(message: unknown, options: VerdictOptions): Flaw | undefined {
  if (!isRecord(message)) return undefined;
  const { type, response } = message;
  if (saysError(message) || type === 'error' || type === 'response.failed') return 'error';
  if (!options.storeTruncated && (isCutOff(message) || type === 'response.incomplete')) return 'truncated';
  // Responses streams carry the whole response in their last event, and an unfinished one in those before.
  return type === 'response.completed' ? flawOfMessage(response, options) : undefined;
}

function saysError(message: Readonly<Record<string, unknown>>): boolean {
  const { error } = message;
  return (error !== undefined && error !== null && error !== false) || message['status'] === 'failed';
}

function isCutOff(message: Readonly<Record<string, unknown>>): boolean {
  const { choices, delta, object } = message;
  if (object === 'response' && isOneOf(UNFINISHED, message['status'])) return true;
  if (isOneOf(CUT_OFF, message['stop_reason']) || isOneOf(CUT_OFF, message['done_reason'])) return true;
  if (isRecord(delta) && isOneOf(CUT_OFF, delta['stop_reason'])) return true;
  return (
    Array.isArray(choices) && choices.some((choice) => isRecord(choice) && isOneOf(CUT_OFF, choice['finish_reason']))
  );
}

function isOneOf(words: ReadonlySet<string>, value: unknown): boolean {
  return typeof value === 'string' && words.has(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
