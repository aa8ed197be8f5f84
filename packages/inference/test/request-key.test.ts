import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type KeyOptions, keyOf } from '../src/request-key.ts';

const BODY = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: false };
const OPTIONS: KeyOptions = { secret: 'a secret of enough length', ignoreFields: [], tenant: undefined };

function requestOf(headers: Readonly<Record<string, string>> = {}, url = '/v1/chat/completions'): IncomingMessage {
  return { method: 'POST', url, headers: { host: 'api.test', ...headers } } as unknown as IncomingMessage;
}

const key = (
  body: unknown,
  headers?: Readonly<Record<string, string>>,
  url?: string,
  options = OPTIONS,
): string | undefined =>
  keyOf(requestOf(headers, url), { text: typeof body === 'string' ? body : JSON.stringify(body) }, options);

describe('keyOf', () => {
  it('is the same for every spelling of a body, and for a parsed one', () => {
    const { model, messages, stream } = BODY;
    expect(key({ stream, messages, model })).toBe(key(BODY));
    expect(key(JSON.stringify(BODY, null, 2))).toBe(key(BODY));
    expect(keyOf(requestOf(), { parsed: BODY }, OPTIONS)).toBe(key(BODY));
  });

  it.each([
    ['path', key(BODY, {}, '/v1/completions')],
    ['query', key(BODY, {}, '/v1/chat/completions?api-version=1')],
    ['host', key(BODY, { host: 'other.test' })],
    ['forwarded host', key(BODY, { 'x-forwarded-host': 'other.test' })],
    ['authorization', key(BODY, { authorization: 'Bearer sk-1' })],
    ['another authorization', key(BODY, { authorization: 'Bearer sk-2' })],
    ['the same secret in another header', key(BODY, { 'x-api-key': 'Bearer sk-1' })],
    ['cookie', key(BODY, { cookie: 'session=1' })],
    ['organization', key(BODY, { 'openai-organization': 'org' })],
    ['accept', key(BODY, { accept: 'text/event-stream' })],
    ['anthropic-version', key(BODY, { 'anthropic-version': '2023-06-01' })],
    ['a repeated name', key('{"model":"m","model":"m"}')],
    ['secret', key(BODY, {}, undefined, { ...OPTIONS, secret: 'another one of length' })],
    ['tenant', key(BODY, {}, undefined, { ...OPTIONS, tenant: 'acme' })],
  ])('counts the %s', (_name, other) => {
    expect(other).not.toBe(key(BODY));
    expect(other).toMatch(/^[\w-]{43}$/);
  });

  it('does not count what says how, not what: x-stainless-*, user-agent, traces, lengths', () => {
    const headers = {
      'x-stainless-retry-count': '1',
      'user-agent': 'x',
      traceparent: '00-1',
      'content-length': '9',
      'accept-encoding': 'br',
    };
    expect(key(BODY, headers)).toBe(key(BODY));
  });

  it('takes Accept: */* for what it means, none', () => {
    expect(key(BODY, { accept: '*/*' })).toBe(key(BODY));
  });

  it('counts the host, for apps that serve many, but not its port', () => {
    expect(key(BODY, { host: 'api.test:8080' })).toBe(key(BODY));
    expect(key(BODY, { host: 'API.test' })).toBe(key(BODY));
  });

  it('is the tenant that the option names, whatever the credentials', () => {
    const options = { ...OPTIONS, tenant: 'acme' };
    expect(key(BODY, { authorization: 'a' }, undefined, options)).toBe(
      key(BODY, { authorization: 'b' }, undefined, options),
    );
  });

  it('has none for a parsed body that JSON cannot say', () => {
    expect(keyOf(requestOf(), { parsed: { n: 1n } }, OPTIONS)).toBeUndefined();
  });
});
