import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Manifest } from '../../src/disk/disk.ts';
import { decodeManifest, encodeManifest } from '../../src/disk/manifest.ts';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length / 2, maxLength: length / 2 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const text = fc.option(fc.string(), { nil: undefined });

const manifests = fc
  .record({
    id: hex(32),
    size: fc.nat(5_000_000),
    validators: fc.record({ etag: text, lastModified: text, linkedEtag: text }),
    expected: fc.option(fc.record({ algorithm: fc.constant('sha256' as const), hex: hex(64) }), { nil: undefined }),
    sealed: fc.boolean(),
    sha256: hex(64),
    independent: fc.boolean(),
  })
  .map(({ id, size, validators, expected, sealed, sha256, independent }): Manifest => {
    const blocks = Buffer.alloc(Math.ceil(size / 1_048_576) * 32, 7);
    return {
      description: { name: 'a/b.bin', id, size, validators, expected, confirmed: false },
      seal: sealed ? { sha256, independent, blocks } : undefined,
    };
  });

test('reads back what was written', () => {
  fc.assert(
    fc.property(manifests, (manifest) => {
      expect(decodeManifest(encodeManifest(manifest), 'a/b.bin')).toEqual(manifest);
    }),
  );
});

test('takes nothing that is damaged, cut or of another file', () => {
  fc.assert(
    fc.property(manifests, fc.nat(), fc.integer({ min: 1, max: 255 }), (manifest, at, change) => {
      const bytes = Uint8Array.from(encodeManifest(manifest));
      expect(decodeManifest(bytes, 'other.bin')).toBeUndefined();
      expect(decodeManifest(bytes.subarray(0, at % bytes.byteLength), 'a/b.bin')).toBeUndefined();
      const index = bytes.indexOf(10) + 1 + (at % (bytes.byteLength - bytes.indexOf(10) - 1));
      bytes[index] = (bytes[index] ?? 0) ^ change;
      expect(decodeManifest(bytes, 'a/b.bin')).toBeUndefined();
    }),
  );
});
