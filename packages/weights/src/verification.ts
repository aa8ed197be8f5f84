import type { KvasirError } from '@kvasir/core';
import type { Description } from './description.ts';
import { blockDigest, type Seal, Sealer, sha256 } from './digest.ts';
import { unverified } from './fault.ts';

/** Whether one version of a file is what it should be. Hashes along as blocks pass, in order; what it missed is read again at the end. */
export class Verification {
  readonly #description: Description;
  readonly #count: number;
  readonly #onSeal: (seal: Seal) => void;
  readonly #sealer: Sealer;
  #seal: Seal | undefined;
  #failure: KvasirError | undefined;
  #running: Promise<Seal> | undefined;

  constructor(description: Description, count: number, seal: Seal | undefined, onSeal: (seal: Seal) => void) {
    this.#description = description;
    this.#count = count;
    this.#onSeal = onSeal;
    this.#sealer = new Sealer(description.size, description.expected);
    this.#seal = seal;
  }

  get seal(): Seal | undefined {
    return this.#seal;
  }

  /** A block came from the origin. Throws UNVERIFIED when it cannot be the right one, or was the last and the whole is not. */
  take(index: number, bytes: Uint8Array): void {
    if (this.#seal === undefined) this.#feed(index, bytes);
    else if (!this.agrees(index, bytes))
      throw unverified(this.#description.name, 'a block fetched again is not what it was');
  }

  /** Whether a block is the one that was sealed, if the file was. */
  agrees(index: number, bytes: Uint8Array): boolean {
    return this.#seal === undefined || sha256(bytes).equals(blockDigest(this.#seal, index));
  }

  /** Hashes on from what is at hand, as far as that goes. */
  async catchUp(atHand: (index: number) => Promise<Uint8Array | undefined>): Promise<void> {
    while (this.#seal === undefined && this.#sealer.next < this.#count) {
      const index = this.#sealer.next;
      const bytes = await atHand(index);
      if (bytes === undefined) return;
      this.#feed(index, bytes);
    }
  }

  /** Hashes to the end. Rejects with UNVERIFIED, or with what `block` rejects with. */
  all(block: (index: number) => Promise<Uint8Array>): Promise<Seal> {
    this.#running ??= this.#finish(block).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #finish(block: (index: number) => Promise<Uint8Array>): Promise<Seal> {
    while (this.#seal === undefined && this.#sealer.next < this.#count) {
      const index = this.#sealer.next;
      this.#feed(index, await block(index));
    }
    return this.#seal ?? this.#close();
  }

  #feed(index: number, bytes: Uint8Array): void {
    if (this.#seal !== undefined || index !== this.#sealer.next) return;
    this.#sealer.feed(bytes);
    if (this.#sealer.next === this.#count) this.#close();
  }

  #close(): Seal {
    if (this.#failure !== undefined) throw this.#failure;
    const seal = this.#sealer.seal();
    if (seal === undefined) {
      this.#failure = unverified(this.#description.name, 'its bytes are not those of the expected digest');
      throw this.#failure;
    }
    this.#seal = seal;
    this.#onSeal(seal);
    return seal;
  }
}
