import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSafeName, parseName } from '../src/name.ts';

test.each([
  ['/model.onnx', 'model.onnx'],
  ['/org/repo/resolve/main/model-00001-of-00002.safetensors', 'org/repo/resolve/main/model-00001-of-00002.safetensors'],
  ['/a%20b/%C3%BC.bin?download=true', 'a b/ü.bin'],
  ['/v1..2/a+b@c.bin', 'v1..2/a+b@c.bin'],
  ['/100%25.bin', '100%.bin'],
  ['/', ''],
  ['', ''],
  ['/?list', ''],
])('reads %s as %j', (url, name) => {
  expect(parseName(url)).toEqual({ name });
});

test.each([
  '/../secret',
  '/a/../../secret',
  '/..',
  '/./a',
  '/%2e%2e/secret',
  '/%2E%2E%2Fsecret',
  '/..%2fsecret',
  '/..%5csecret',
  '/a%2f..%2fsecret',
  '/%252e%252e%252fsecret',
  '/a\\..\\secret',
  '/%5c%5chost%5cshare',
  '//etc/passwd',
  '/a//b',
  '/a/',
  '/.env',
  '/.git/config',
  '/a/.hidden/b',
  '/a%00.bin',
  '/a%0d%0ab',
  '/%7f',
  '/%2500',
  `/${'a'.repeat(1025)}`,
])('refuses %s', (url) => {
  expect(parseName(url)).toEqual({ refusal: 'refused' });
});

test.each(['/%', '/%zz', '/%c3%28', '/%ff', 'a.bin', 'http://host/a.bin'])('finds %s malformed', (url) => {
  expect(parseName(url)).toEqual({ refusal: 'malformed' });
});

test('gives no name that leads anywhere else, whatever the URL', () => {
  const piece = fc.constantFrom('..', '.', '/', '\\', '%2e', '%2f', '%5c', '%00', '%25', 'a', 'ü', '%', ':', '\0');
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 }), (pieces) => {
      const { name } = parseName(`/${pieces.join('')}`);
      if (name === undefined || name === '') return;
      expect(isSafeName(name)).toBe(true);
      const { pathname } = new URL(name.split('/').map(encodeURIComponent).join('/'), 'http://host/base/');
      expect(pathname.startsWith('/base/')).toBe(true);
      expect(decodeURIComponent(pathname)).toBe(`/base/${name}`);
    }),
  );
});

test('knows no name with half a character, which no URL can carry', () => {
  expect(isSafeName('a\ud800b')).toBe(false);
  expect(isSafeName('a\u{1f600}b')).toBe(true);
});
