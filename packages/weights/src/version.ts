import { setMaxListeners } from 'node:events';
import type { Clock, Namespace, Resolution } from '@kvasir/core';
import { BLOCK_BYTES, blockLength, blocksOf, countBlocks } from './block.ts';
import { type Description, etagOf } from './description.ts';
import type { Seal } from './digest.ts';
import type { Disk, KeptBlocks } from './disk/disk.ts';
import type { Emit } from './events.ts';
import { codeOf, faultOf } from './fault.ts';
import type { Origin } from './origin/origin.ts';
import type { Span } from './range.ts';
import { Supply } from './supply.ts';
import { Verification } from './verification.ts';

const DELETE_BATCH = 1000;

export interface VersionOptions {
  readonly origin: Origin;
  readonly disk: Disk;
  readonly memory: Namespace<Uint8Array>;
  readonly clock: Clock;
  readonly emit: Emit;
  /** The version can no longer be served: it changed at the origin, failed its digest, or all is being closed. */
  readonly onFailure: (version: Version, error: unknown) => void;
}

export type Presence = 'all' | 'some' | 'none';
export type Outcome = Resolution<Uint8Array>['outcome'];

/**
 * One version of one file. A block is looked for in memory, then on disk, then in a range request that is under way, and then asked of the
 * origin. Coalescing is the namespace's, block by block; {@link Supply} only decides how blocks travel.
 */
export class Version {
  readonly description: Description;
  readonly etag: string;
  readonly count: number;
  readonly #options: VersionOptions;
  readonly #kept: KeptBlocks;
  readonly #supply: Supply;
  readonly #verification: Verification;
  readonly #aborting = new AbortController();
  #failure: { readonly error: unknown } | undefined;

  constructor(description: Description, seal: Seal | undefined, options: VersionOptions) {
    const { disk, emit } = options;
    const { name } = description;
    this.description = description;
    this.etag = etagOf(description);
    this.count = countBlocks(description.size);
    this.#options = options;
    this.#kept = disk.blocks(name, description.id, () => ({ description, seal: this.seal }));
    this.#verification = new Verification(description, this.count, seal, (made) => {
      emit({ type: 'sealed', name, sha256: made.sha256, independent: made.independent });
      void disk.writeManifest({ description, seal: made });
    });
    // Every run listens to this one signal.
    setMaxListeners(0, this.#aborting.signal);
    this.#supply = new Supply({
      ...options,
      description,
      signal: this.#aborting.signal,
      isAtHand: (index) => this.#isAtHand(index),
      check: (index, bytes) => {
        if (this.seal !== undefined || this.#isChecked()) this.#verification.take(index, bytes);
      },
      keep: (index, bytes) => this.#keep(index, bytes),
      onStart: (first, end, span) => {
        emit({ type: 'fetch', name, ...span });
        this.#shareRun(first, end);
      },
      onEnd: (error) => this.#hear(error),
    });
  }

  get seal(): Seal | undefined {
    return this.#verification.seal;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  get isBusy(): boolean {
    return this.#supply.isBusy;
  }

  /** How many of the blocks are on disk now. */
  countKept(): number {
    let kept = 0;
    for (let index = 0; index < this.count; index++) if (this.#kept.has(index)) kept++;
    return kept;
  }

  /** How many of the blocks of a span are here, without the origin. */
  presence(span: Span): Presence {
    if (span.start >= span.end) return 'all';
    const { first, last } = blocksOf(span);
    let missing = 0;
    for (let index = first; index <= last; index++) if (!this.#isAtHand(index)) missing++;
    return missing === 0 ? 'all' : missing > last - first ? 'none' : 'some';
  }

  /**
   * The bytes of a span, block by block, one block ahead of the reader. What is yielded is lent: not to be written to. `onFirst` hears how the
   * first block was come by, unless it was hot.
   */
  async *read(span: Span, onFirst?: (outcome: Outcome) => void): AsyncGenerator<Uint8Array> {
    if (this.count === 0 && this.#mustSealBeforeEnd(span)) await this.verify();
    if (span.start >= span.end) return;
    const { first, last } = blocksOf(span);
    let ahead = this.#begin(first, last, onFirst);
    for (let index = first; index <= last; index++) {
      const bytes = await ahead;
      if (index < last) ahead = this.#begin(index + 1, last);
      if (index === this.count - 1 && this.#mustSealBeforeEnd(span)) await this.verify();
      const from = index * BLOCK_BYTES;
      yield bytes.subarray(Math.max(0, span.start - from), Math.min(bytes.byteLength, span.end - from));
    }
  }

  /** Brings what is missing and checks the whole. Rejects with UNVERIFIED when it is not what was expected; its blocks are gone then. */
  async verify(): Promise<Seal> {
    try {
      return this.seal ?? (await this.#verification.all((index) => this.#block(index, this.count - 1)));
    } catch (error) {
      // Other errors are those of a run, which has told of them.
      if (codeOf(error) === 'UNVERIFIED') this.#hear(error);
      throw error;
    }
  }

  /** Resolves when nothing is on its way to memory or disk. */
  idle(): Promise<void> {
    return this.#supply.idle();
  }

  /** Ends all reads. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#aborting.abort();
    this.#options.onFailure(this, error);
  }

  /** After {@link fail}: waits for what is being written, then removes the blocks from the cache and from disk. */
  async forget(): Promise<void> {
    await this.#supply.idle();
    await this.#options.disk.drop(this.description.name, undefined);
    for (let first = 0; first < this.count; first += DELETE_BATCH) {
      const length = Math.min(DELETE_BATCH, this.count - first);
      await this.#options.memory.delete(...Array.from({ length }, (_, i) => this.#key(first + i)));
    }
  }

  #begin(index: number, until: number, onOutcome?: (outcome: Outcome) => void): Promise<Uint8Array> {
    const block = this.#block(index, until, onOutcome);
    block.catch(() => undefined);
    return block;
  }

  async #block(index: number, until: number, onOutcome?: (outcome: Outcome) => void): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#supply.isBusy) this.#supply.reachAhead(index, until);
    const { memory } = this.#options;
    const key = this.#key(index);
    const hot = memory.getSync(key);
    if (hot?.byteLength === this.#length(index)) return hot;
    const { value, outcome } = await memory.resolve(key, () => this.#load(index, until), { ttl: Infinity });
    onOutcome?.(outcome);
    // A hit that was not hot is of a tier that other processes write to.
    const isRight = outcome !== 'hit' || this.#verification.agrees(index, value);
    if (isRight && value.byteLength === this.#length(index)) return value;
    await memory.delete(key);
    return await this.#load(index, until);
  }

  async #load(index: number, until: number): Promise<Uint8Array> {
    const kept = await this.#read(index);
    if (this.#failure !== undefined) throw this.#failure.error;
    return kept ?? this.#options.memory.getSync(this.#key(index)) ?? (await this.#supply.block(index, until));
  }

  /** From disk, where other processes write too: of a sealed file only the block that was sealed. */
  #read(index: number): Promise<Uint8Array | undefined> {
    return this.#kept.read(index, this.#length(index), (bytes) => this.#verification.agrees(index, bytes));
  }

  /** Makes the blocks that a run will bring known to the namespace, so that whoever asks for one joins, and that memory keeps them. */
  #shareRun(first: number, end: number): void {
    const { memory } = this.#options;
    for (let index = first; index < end; index++)
      memory.prefetch([this.#key(index)], () => this.#load(index, end - 1), { ttl: Infinity });
  }

  async #keep(index: number, bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#kept.has(index) || (await this.#kept.write(index, bytes))) return;
    await this.#options.memory.set(this.#key(index), bytes, { ttl: Infinity });
  }

  /** A run or a check ended. */
  #hear(error: unknown): void {
    if (this.#failure !== undefined) return;
    if (error === undefined) {
      if (this.#isChecked()) void this.#catchUp();
      return;
    }
    const { emit } = this.#options;
    const { name } = this.description;
    const hasChanged = faultOf(error)?.kind === 'changed';
    emit(hasChanged ? { type: 'changed', name } : { type: 'error', name, code: codeOf(error), error });
    if (hasChanged || codeOf(error) === 'UNVERIFIED') this.fail(error);
  }

  /** Hashes what came out of order, so that a file that ranges have made whole is checked without being asked for as a whole. */
  async #catchUp(): Promise<void> {
    try {
      await this.#verification.catchUp(async (index) => {
        const bytes = this.#options.memory.getSync(this.#key(index));
        return bytes ?? (await this.#read(index));
      });
    } catch (error) {
      this.#hear(error);
    }
  }

  /**
   * The end of a file is given only when the file is good: in a read of the whole always, in a range when all else is here already. A small
   * range at the end of a file that is not here does not pull the rest.
   */
  #mustSealBeforeEnd(span: Span): boolean {
    if (this.seal !== undefined || !this.#isChecked()) return false;
    return span.start === 0 || this.#isAllHere();
  }

  /** A folder's file without an expected digest would only be compared with itself. */
  #isChecked(): boolean {
    return this.description.expected !== undefined || !this.#options.origin.isLocal;
  }

  /** Every block is kept or on its way: the check needs nothing more from the origin. */
  #isAllHere(): boolean {
    for (let index = 0; index < this.count; index++)
      if (!this.#isAtHand(index) && !this.#supply.isComing(index)) return false;
    return true;
  }

  #isAtHand(index: number): boolean {
    return this.#kept.has(index) || this.#options.memory.getSync(this.#key(index)) !== undefined;
  }

  #length(index: number): number {
    return blockLength(index, this.description.size);
  }

  #key(index: number): string {
    return `${this.#options.origin.id}/${this.description.id}/${this.description.name}/${index}`;
  }
}
