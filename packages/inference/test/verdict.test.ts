import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Flaw, findFlaw, kindOf, type VerdictOptions } from '../src/verdict.ts';
import { chatEvents } from './support/model.ts';

const STRICT: VerdictOptions = { storeTruncated: false, endsStream: undefined };
const json = (value: unknown, options = STRICT): Flaw | undefined =>
  findFlaw('json', Buffer.from(JSON.stringify(value)), options);
const events = (text: string, options = STRICT): Flaw | undefined =>
  findFlaw('event-stream', Buffer.from(text), options);
const lines = (...messages: unknown[]): Flaw | undefined =>
  findFlaw('ndjson', Buffer.from(messages.map((message) => `${JSON.stringify(message)}\n`).join('')), STRICT);
const data = (message: unknown, event = ''): string =>
  `${event === '' ? '' : `event: ${event}\n`}data: ${JSON.stringify(message)}\n\n`;
const finished = (reason: string): object => ({
  choices: [
    { index: 0, message: { content: 'x' }, finish_reason: 'stop' },
    { index: 1, finish_reason: reason },
  ],
});

describe('kindOf', () => {
  it.each([
    ['application/json; charset=utf-8', 'json'],
    ['application/problem+json', 'json'],
    ['Text/Event-Stream', 'event-stream'],
    ['application/x-ndjson', 'ndjson'],
    ['application/jsonl', 'ndjson'],
    ['audio/mpeg', 'bytes'],
    ['', 'bytes'],
  ])('takes %s for %s', (type, kind) => {
    expect(kindOf(type)).toBe(kind);
  });
});

describe('findFlaw in a JSON answer', () => {
  it.each<[string, unknown, Flaw | undefined]>([
    ['a chat completion', finished('stop'), undefined],
    ['tool calls', finished('tool_calls'), undefined],
    ['an error', { error: { message: 'overloaded' } }, 'error'],
    ['an error that is only text', { error: 'model not found' }, 'error'],
    ['no error', { error: null, data: [] }, undefined],
    ['one of n choices cut off by max_tokens', finished('length'), 'truncated'],
    ['a choice cut off by a filter', finished('content_filter'), 'truncated'],
    ['an Anthropic message cut off', { type: 'message', stop_reason: 'max_tokens' }, 'truncated'],
    ['an Anthropic message', { type: 'message', stop_reason: 'end_turn' }, undefined],
    ['an Ollama answer cut off', { done: true, done_reason: 'length' }, 'truncated'],
    ['a response', { object: 'response', status: 'completed', error: null }, undefined],
    ['a response cut off', { object: 'response', status: 'incomplete', error: null }, 'truncated'],
    ['a response that is still made', { object: 'response', status: 'in_progress' }, 'truncated'],
    ['a response that failed', { object: 'response', status: 'failed', error: null }, 'error'],
    ['text that speaks of length', { text: '"finish_reason":"length"' }, undefined],
    ['an array', [1, 2], undefined],
  ])('judges %s', (_title, answer, flaw) => {
    expect(json(answer)).toBe(flaw);
  });

  it('keeps what was cut off when it is asked to, but never an error', () => {
    expect(json(finished('length'), { ...STRICT, storeTruncated: true })).toBeUndefined();
    expect(json({ error: {} }, { ...STRICT, storeTruncated: true })).toBe('error');
  });

  it('takes nothing for an answer that is not whole JSON in UTF-8', () => {
    const whole = Buffer.from(JSON.stringify({ text: 'Grüße, 世界' }));
    for (let length = 1; length < whole.byteLength; length++)
      expect(findFlaw('json', whole.subarray(0, length), STRICT)).toBe('malformed');
    expect(findFlaw('json', Buffer.alloc(0), STRICT)).toBe('empty');
    expect(findFlaw('json', Buffer.from([0x22, 0xff, 0x22]), STRICT)).toBe('malformed');
  });
});

describe('findFlaw in an event stream', () => {
  const chat = chatEvents('Grüße, 世界 👋').join('');

  it('keeps a chat stream that ends with [DONE], whatever ends its lines', () => {
    for (const eol of ['\n', '\r\n', '\r']) expect(events(chat.replaceAll('\n', eol))).toBeUndefined();
    expect(events(`: keep-alive\n\n${chat}: bye\n\n`)).toBeUndefined();
    expect(events(chat.trimEnd())).toBeUndefined();
  });

  it('keeps no beginning of a stream, wherever it was cut', () => {
    const whole = Buffer.from(chat);
    const end = whole.indexOf('[DONE]') + '[DONE]'.length;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: end - 1 }), (length) => {
        expect(findFlaw('event-stream', whole.subarray(0, length), STRICT)).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  it('is not taken in by a [DONE] that the model says', () => {
    expect(events(data({ choices: [{ delta: { content: 'data: [DONE]\n\n' } }] }))).toBe('unterminated');
    expect(events(data({ choices: [{ delta: { content: '"type":"message_stop"' } }] }))).toBe('unterminated');
  });

  it.each<[string, string, Flaw | undefined]>([
    ['nothing but the end', 'data: [DONE]\n\n', 'empty'],
    [
      'an error in the middle',
      data({ choices: [] }) + data({ error: { message: 'overloaded' } }) + 'data: [DONE]\n\n',
      'error',
    ],
    ['an error event', data({ choices: [] }) + data('gone', 'error') + 'data: [DONE]\n\n', 'error'],
    ['events after the end', `${chat}data: {"choices":[]}\n\n`, 'unterminated'],
    ['two streams in one', chat + chat, 'unterminated'],
    ['broken JSON before the end', 'data: {"choices":\n\ndata: [DONE]\n\n', 'malformed'],
    [
      'a choice that max_tokens cut off',
      data({ choices: [{ delta: {}, finish_reason: 'length' }] }) + 'data: [DONE]\n\n',
      'truncated',
    ],
    [
      'an Anthropic stream',
      data({ type: 'message_start' }, 'message_start') +
        data({ type: 'ping' }, 'ping') +
        data({ type: 'message_stop' }, 'message_stop'),
      undefined,
    ],
    ['an Anthropic stream without its end', data({ type: 'message_start' }, 'message_start'), 'unterminated'],
    [
      'an Anthropic stream cut off',
      data({ type: 'message_delta', delta: { stop_reason: 'max_tokens' } }) + data({ type: 'message_stop' }),
      'truncated',
    ],
    [
      'a Responses stream',
      data({ type: 'response.created', response: { object: 'response', status: 'in_progress' } }) +
        data({ type: 'response.completed', response: { object: 'response', status: 'completed', error: null } }),
      undefined,
    ],
    ['a Responses stream that failed', data({ type: 'response.created' }) + data({ type: 'response.failed' }), 'error'],
    [
      'a Responses stream cut off',
      data({ type: 'response.created' }) + data({ type: 'response.incomplete' }),
      'truncated',
    ],
    ['a stream of another kind', 'data: tick\n\ndata: tock\n\n', 'unterminated'],
  ])('judges %s', (_title, text, flaw) => {
    expect(events(text)).toBe(flaw);
  });

  it('keeps a stream of another kind once it is told how that ends', () => {
    const own = { ...STRICT, endsStream: ({ data: last }: { data: string }) => last === 'tock' };
    expect(events('data: tick\n\ndata: tock\n\n', own)).toBeUndefined();
    expect(events('data: tick\n\n', own)).toBe('unterminated');
  });
});

describe('findFlaw in lines of JSON', () => {
  it('keeps an Ollama stream that says done, and no other', () => {
    expect(lines({ response: 'a', done: false }, { response: '', done: true, done_reason: 'stop' })).toBeUndefined();
    expect(lines({ response: 'a', done: false })).toBe('unterminated');
    expect(lines({ response: 'a', done: true }, { response: 'b', done: false })).toBe('unterminated');
    expect(lines({ response: 'a', done: false }, { error: 'out of memory' })).toBe('error');
    expect(lines({ response: 'a', done: true, done_reason: 'length' })).toBe('truncated');
    expect(findFlaw('ndjson', Buffer.from('{"done":false}\n{"done":tr'), STRICT)).toBe('malformed');
  });
});
