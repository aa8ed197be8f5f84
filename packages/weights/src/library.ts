import { setMaxListeners } from 'node:events';
import { bytes, type Cache, type Clock, type Entry, KvasirError, type Namespace } from '@kvasir/core';
import { type Description, versionId } from './description.ts';
import { type ExpectedDigest, type Seal, SHA256_HEX } from './digest.ts';
import type { Disk } from './disk/disk.ts';
import type { Emit } from './events.ts';
import { codeOf, faultOf, originFailed, unverified } from './fault.ts';
import { isSafeName } from './name.ts';
import type { Settings } from './options.ts';
import type { Origin, Seen } from './origin/origin.ts';
import { Version } from './version.ts';

/** Files of which this process remembers the state. One that is forgotten is found again on disk. */
const MAX_VERSIONS = 512;
/** How long an origin that failed is not asked again, when what was known before can be served. */
const RETRY_MS = 5_000;

export interface LibraryOptions {
  readonly origin: Origin;
  readonly disk: Disk;
  readonly cache: Cache;
  readonly settings: Settings;
  readonly emit: Emit;
}

/** A file as it is now, or, when the origin could not be asked, as it was. `ttlMs`: how long that is believed. */
export interface Found {
  readonly version: Version;
  readonly isConfirmed: boolean;
  readonly ttlMs: number;
}

/** The files of one origin: which version each has, and that there is one {@link Version} for it in this process. */
export class Library {
  readonly #options: LibraryOptions;
  readonly #clock: Clock;
  readonly #descriptions: Namespace<Description | undefined>;
  readonly #blocks: Namespace<Uint8Array>;
  /** By name, least recently used first. */
  readonly #versions = new Map<string, Promise<Version>>();
  readonly #cleanups = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.#clock = options.settings.clock;
    this.#descriptions = options.cache.namespace('weights.files', { ttl: options.settings.ttlMs });
    setMaxListeners(0, this.#closing.signal);
    this.#blocks = options.cache.namespace('weights.blocks', { codec: bytes, ttl: Infinity });
  }

  /** Undefined when the origin has no such file. */
  async find(name: string): Promise<Found | undefined> {
    if (this.#closing.signal.aborted) throw new KvasirError('CLOSED', `${name}: weights were closed`);
    if (!isSafeName(name)) return undefined;
    await this.#options.disk.prepare();
    const { value, entry } = await this.#descriptions.resolve(this.#key(name), () => this.#describe(name), {
      ttl: (description) => (description?.confirmed === false ? RETRY_MS : this.#options.settings.ttlMs),
    });
    if (value === undefined) return undefined;
    return { version: await this.#versionOf(value), isConfirmed: value.confirmed, ttlMs: this.#timeLeft(entry) };
  }

  /** What the origin says now, past the cache: for a request that must not use it. */
  async look(name: string): Promise<Description | undefined> {
    const { origin } = this.#options;
    const seen = isSafeName(name) ? await origin.look(name, this.#closing.signal) : undefined;
    if (seen === undefined) return undefined;
    return { ...seen, name, id: versionId(seen.size, seen.validators), confirmed: true };
  }

  /** Forgets a file in every tier. Reads of it that are under way end. */
  async forget(name: string): Promise<void> {
    const version = await this.#versions.get(name)?.catch(() => undefined);
    version?.fail(originFailed(name, 'was forgotten', { kind: 'changed' }));
    await this.#options.disk.prepare();
    await Promise.allSettled([
      this.#cleanups.get(name),
      this.#descriptions.delete(this.#key(name)),
      this.#options.disk.drop(name, undefined),
    ]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const found of await Promise.allSettled(this.#versions.values())) {
      if (found.status !== 'fulfilled') continue;
      const version = found.value;
      version.fail(originFailed(version.description.name, 'weights were closed', { kind: 'refused' }));
      await version.idle();
    }
    await Promise.allSettled(this.#cleanups.values());
    this.#options.origin.close();
  }

  async #describe(name: string): Promise<Description | undefined> {
    const known = await this.#known(name);
    const seen = await this.#see(name, known);
    if (seen === undefined) return undefined;
    const { size, validators, confirmed } = seen;
    const id = confirmed ? versionId(size, validators) : seen.id;
    const expected = (await this.#pinned(name)) ?? seen.expected ?? (await this.#sidecar(name, id, known));
    return { name, id, size, validators, expected, confirmed };
  }

  /** Falls back to what is known when the origin cannot be asked; not when it refuses, which may mean that access was withdrawn. */
  async #see(
    name: string,
    known: Description | undefined,
  ): Promise<(Seen & Pick<Description, 'id' | 'confirmed'>) | undefined> {
    try {
      const seen = await this.#options.origin.look(name, this.#closing.signal);
      return seen && { ...seen, id: '', confirmed: true };
    } catch (error) {
      this.#options.emit({ type: 'error', name, code: codeOf(error), error });
      if (known === undefined || faultOf(error)?.kind !== 'transient') throw error;
      return { ...known, confirmed: false };
    }
  }

  async #known(name: string): Promise<Description | undefined> {
    const version = await this.#versions.get(name)?.catch(() => undefined);
    if (version !== undefined && !version.hasFailed) return version.description;
    return (await this.#options.disk.readManifest(name))?.description;
  }

  async #pinned(name: string): Promise<ExpectedDigest | undefined> {
    const hex = (await this.#options.settings.digestOf(name))?.toLowerCase();
    if (hex === undefined) return undefined;
    if (!SHA256_HEX.test(hex)) throw unverified(name, 'digests gave no sha256 of 64 hex characters');
    return { algorithm: 'sha256', hex };
  }

  /** `<name>.sha256` as `sha256sum` writes it. Asked for once a version. */
  async #sidecar(name: string, id: string, known: Description | undefined): Promise<ExpectedDigest | undefined> {
    if (known?.id === id) return known.expected;
    if (name.endsWith('.sha256')) return undefined;
    const text = await this.#options.origin.text(`${name}.sha256`, this.#closing.signal);
    const hex = /^\\?([0-9a-f]{64})(?:\s|$)/i.exec(text ?? '')?.[1]?.toLowerCase();
    return hex === undefined ? undefined : { algorithm: 'sha256', hex };
  }

  async #versionOf(description: Description): Promise<Version> {
    const { name, id, expected } = description;
    const running = this.#versions.get(name);
    const current = await running?.catch(() => undefined);
    const isCurrent = current?.description.id === id && current.description.expected?.hex === expected?.hex;
    if (current !== undefined && isCurrent && !current.hasFailed) {
      this.#versions.delete(name);
      if (running !== undefined) this.#versions.set(name, running);
      return current;
    }
    // Somebody else may have opened it while we waited.
    const other = this.#versions.get(name);
    if (other !== undefined && other !== running) return await this.#versionOf(description);
    const opening = this.#open(description, current);
    this.#versions.set(name, opening);
    void this.#bound();
    return await opening;
  }

  async #open(description: Description, old: Version | undefined): Promise<Version> {
    const { name, id, expected } = description;
    const { disk, emit } = this.#options;
    const manifest = await disk.readManifest(name);
    if (old?.hasFailed === false && old.description.id !== id) {
      emit({ type: 'changed', name });
      old.fail(originFailed(name, 'changed at the origin', { kind: 'replaced' }));
    }
    await this.#cleanups.get(name);
    await disk.drop(name, id);
    const kept = manifest?.description.id === id ? manifest : undefined;
    const seal = judge(kept?.seal, expected);
    if (kept?.seal !== undefined && seal === undefined) await disk.drop(name, undefined);
    if (kept === undefined || seal !== kept.seal) await disk.writeManifest({ description, seal });
    return new Version(description, seal, {
      ...this.#options,
      memory: this.#blocks,
      clock: this.#clock,
      onFailure: (version, error) => this.#retire(version, error),
    });
  }

  /** A version that failed: the next request asks the origin again and starts from nothing. */
  #retire(version: Version, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { name } = version.description;
    const cleanup = this.#clean(version, faultOf(error)?.kind === 'replaced').finally(() => {
      if (this.#cleanups.get(name) === cleanup) this.#cleanups.delete(name);
    });
    this.#cleanups.set(name, cleanup);
  }

  async #clean(version: Version, isReplaced: boolean): Promise<void> {
    const { name } = version.description;
    const dropDescription = isReplaced ? undefined : this.#descriptions.delete(this.#key(name));
    await Promise.allSettled([dropDescription, version.forget()]);
  }

  async #bound(): Promise<void> {
    if (this.#versions.size <= MAX_VERSIONS) return;
    for (const [name, opening] of this.#versions) {
      const version = await opening.catch(() => undefined);
      if (version?.isBusy) continue;
      if (this.#versions.get(name) === opening) this.#versions.delete(name);
      if (this.#versions.size <= MAX_VERSIONS) return;
    }
  }

  #timeLeft(entry: Entry<Description | undefined> | undefined): number {
    return entry === undefined ? 0 : Math.max(0, entry.staleAt - this.#clock.now());
  }

  #key(name: string): string {
    return `${this.#options.origin.id}/${name}`;
  }
}

/** A seal of an earlier process in the light of what is expected now: undefined when it does not count. */
function judge(seal: Seal | undefined, expected: ExpectedDigest | undefined): Seal | undefined {
  if (seal === undefined || expected === undefined) return seal;
  if (expected.algorithm === 'git-sha1') return seal.independent ? seal : undefined;
  if (seal.sha256 !== expected.hex) return undefined;
  return seal.independent ? seal : { ...seal, independent: true };
}
