import { KvasirError } from '@kvasir/core';
import { type WeightsOptions, weights } from '@kvasir/weights';
import { expect, test } from 'vitest';

const origin = 'http://127.0.0.1:1/';

test.each<[options: unknown, message: string]>([
  [undefined, 'weights() options: expected an object'],
  [{}, 'origin: expected a folder, or an http(s) URL'],
  [{ origin: '' }, 'origin: expected a folder, or an http(s) URL'],
  [{ origin: 7 }, 'origin: expected a folder, or an http(s) URL'],
  [{ origin: new URL('ftp://host/') }, "got 'ftp:'"],
  [{ origin: 'http://[' }, 'origin: expected'],
  [{ origin: 'https://me:secret@host/' }, 'without user, query and fragment'],
  [{ origin: 'https://host/?sig=secret' }, 'without user, query and fragment'],
  [{ origin, cacheDir: '/tmp' }, 'weights() cacheDir: expected one of origin, directory'],
  [{ origin, directory: '' }, 'directory: expected a path'],
  [{ origin, maxDiskBytes: '10 gigs' }, 'maxDiskBytes: expected a size'],
  [{ origin, maxDiskBytes: -1 }, 'maxDiskBytes: expected a size'],
  [{ origin, cache: {} }, 'cache: expected an object with the methods namespace, invalidateTags'],
  [{ origin, digests: { a: 'abc' } }, 'digests a: expected a sha256 as 64 hex characters'],
  [{ origin, digests: 'abc' }, 'digests: expected a function'],
  [{ origin, verify: true }, "verify: expected 'stream' or 'full'"],
  [{ origin, headers: { 'x y': '1' } }, "headers: expected field names, got 'x y'"],
  [{ origin, headers: { 'x-y': 'a\r\nb' } }, 'headers x-y: expected one line of text'],
  [
    { origin, headers: { Authorization: 'Bearer s' } },
    'authorize: expected a function, since headers holds Authorization',
  ],
  [{ origin, headers: { cookie: 's=1' } }, 'authorize: expected a function'],
  [{ origin, headers: { 'X-Api-Key': 's' } }, 'authorize: expected a function'],
  [{ origin, headers: { 'Proxy-Authorization': 's' } }, 'authorize: expected a function'],
  [{ origin, headers: { 'x-credential': 's' } }, 'authorize: expected a function'],
  [{ origin, authorize: true }, 'authorize: expected a function'],
  [{ origin, ttl: 'soon' }, 'ttl: expected a duration'],
  [{ origin, timeout: -5 }, 'timeout: expected a duration'],
])('refuses %o', (options, message) => {
  try {
    weights(options as WeightsOptions);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(KvasirError);
    expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(message) });
    expect((error as Error).message).not.toContain('secret');
  }
});

test('takes a folder, a file URL, and http URLs as text or object', async () => {
  const origins = ['models', new URL('file:///models'), origin, new URL(origin)];
  await Promise.all(origins.map((given) => weights({ origin: given }).close()));
});
