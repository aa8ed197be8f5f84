import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { parseAccessLog } from '../../src/trace/access-log.ts';
import { parse } from './support.ts';

const common = (request: string, status = '200', bytes = '2326'): string =>
  `127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "${request}" ${status} ${bytes}`;

describe('the access log parser', () => {
  it.each([
    ['common', common('GET /a.gif HTTP/1.0'), '/a.gif', 2326],
    ['combined', `${common('GET /a?b=c HTTP/2.0')} "http://x/\\"y\\"" "Mozilla/4.08 [en]"`, '/a?b=c', 2326],
    ['with a virtual host before', `example.com:443 ${common('GET / HTTP/1.1')}`, '/', 2326],
    ['without bytes', common('HEAD /a HTTP/1.1', '200', '-'), '/a', 0],
    ['with a name of several words', common('GET /a HTTP/1.1').replace('frank', 'frank de la'), '/a', 2326],
    ['of HTTP/0.9', common('GET /old'), '/old', 2326],
  ])('reads a line %s', (_what, line, key, size) => {
    assert.deepEqual(parse(parseAccessLog, line), [[key, size]]);
  });

  it.each([
    common('POST /a HTTP/1.1'),
    common('GET /a HTTP/1.1', '404'),
    common('GET /a HTTP/1.1', '304', '-'),
    common('-', '400', '0'),
    common('\\x16\\x03\\x01', '400', '226'),
    common('GET /with space HTTP/1.1'),
    common(''),
  ])('finds no request in %s', (line) => {
    assert.deepEqual(parse(parseAccessLog, line), []);
  });

  it.each([
    '/a.gif',
    'a,5',
    common('GET / HTTP/1.1').slice(0, -9),
    '127.0.0.1 - - "GET / HTTP/1.1" 200 5',
    '{"b":[1]}',
  ])('refuses %s', (line) => {
    assert.equal(parse(parseAccessLog, line), undefined);
  });

  it('gives back the path and size that were written', () => {
    const path = fc
      .string({ unit: fc.constantFrom(...Array.from('/abc?&=%20[]é-')), maxLength: 30 })
      .map((rest) => `/${rest}`);
    fc.assert(
      fc.property(path, fc.maxSafeNat(), (key, size) => {
        assert.deepEqual(parse(parseAccessLog, common(`GET ${key} HTTP/1.1`, '200', `${size}`)), [[key, size]]);
      }),
    );
  });

  it('never throws, whatever the line', () => {
    const part = fc.constantFrom(' ', '[', ']', '"', '\\', '200', '-', 'GET /', 'x');
    fc.assert(fc.property(fc.array(part, { maxLength: 40 }), (parts) => void parse(parseAccessLog, parts.join(''))));
  });
});
