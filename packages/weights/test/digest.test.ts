import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockDigest, Sealer, sha256 } from '../src/digest.ts';

const blocks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 6 });

test('seals with the digest of the whole and of every block', () => {
  fc.assert(
    fc.property(blocks, (parts) => {
      const whole = Buffer.concat(parts);
      const sealer = new Sealer(whole.byteLength, undefined);
      for (const part of parts) sealer.feed(part);
      const seal = sealer.seal();
      expect(seal).toMatchObject({ sha256: createHash('sha256').update(whole).digest('hex'), independent: false });
      for (const [index, part] of parts.entries())
        expect(seal && Buffer.from(blockDigest(seal, index)).equals(sha256(part))).toBe(true);
    }),
  );
});

test('seals against an expected sha256, and refuses one flipped bit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 99 }), fc.nat(), (bytes, at) => {
      const expected = { algorithm: 'sha256', hex: sha256(bytes).toString('hex') } as const;
      const good = new Sealer(bytes.byteLength, expected);
      good.feed(bytes);
      expect(good.seal()?.independent).toBe(true);
      const flipped = Uint8Array.from(bytes);
      flipped[at % bytes.byteLength] = (bytes[at % bytes.byteLength] ?? 0) ^ (1 << (at % 8));
      const bad = new Sealer(bytes.byteLength, expected);
      bad.feed(flipped);
      expect(bad.seal()).toBeUndefined();
    }),
  );
});

test("seals against Git's blob id", () => {
  const bytes = Buffer.from('hello\n');
  // What `git hash-object` says of a file with this line.
  const sealer = new Sealer(6, { algorithm: 'git-sha1', hex: 'ce013625030ba8dba906f756967f9e9ca394464a' });
  sealer.feed(bytes);
  expect(sealer.seal()).toMatchObject({ independent: true, sha256: sha256(bytes).toString('hex') });
});
