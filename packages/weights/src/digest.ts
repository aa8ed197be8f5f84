import { createHash, type Hash } from 'node:crypto';

/** What a file must hash to. `git-sha1` is Git's blob id, sha1 over `blob <size>\0` and the bytes, which hubs give for small files. */
export interface ExpectedDigest {
  readonly algorithm: 'sha256' | 'git-sha1';
  /** Lower case. */
  readonly hex: string;
}

export const SHA256_HEX: RegExp = /^[0-9a-f]{64}$/;

/** The digests of a file that was seen whole. */
export interface Seal {
  readonly sha256: string;
  /** True when the digest was known from elsewhere before, false when this is the first that was seen (trust on first use). */
  readonly independent: boolean;
  /** sha256 of every block in order, 32 bytes each: what is fetched again later must match it. */
  readonly blocks: Uint8Array;
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

export function blockDigest(seal: Seal, index: number): Uint8Array {
  return seal.blocks.subarray(index * 32, index * 32 + 32);
}

/** Hashes a file block by block, in order, whoever brings the blocks. Costs 0.7 s/GB twice: once for the file, once for its blocks. */
export class Sealer {
  readonly #expected: ExpectedDigest | undefined;
  readonly #sha256: Hash = createHash('sha256');
  readonly #git: Hash | undefined;
  readonly #blocks: Buffer[] = [];

  constructor(size: number, expected: ExpectedDigest | undefined) {
    this.#expected = expected;
    if (expected?.algorithm === 'git-sha1') this.#git = createHash('sha1').update(`blob ${size}\0`);
  }

  /** Index of the block it waits for. */
  get next(): number {
    return this.#blocks.length;
  }

  /** Takes block {@link next}. */
  feed(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    this.#git?.update(bytes);
    this.#blocks.push(sha256(bytes));
  }

  /** Called once, after the last block. Undefined: the file is not what was expected. */
  seal(): Seal | undefined {
    const hex = this.#sha256.digest('hex');
    const found = this.#git === undefined ? hex : this.#git.digest('hex');
    if (this.#expected !== undefined && this.#expected.hex !== found) return undefined;
    return { sha256: hex, independent: this.#expected !== undefined, blocks: Buffer.concat(this.#blocks) };
  }
}
