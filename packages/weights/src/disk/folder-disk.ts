import { createHash } from 'node:crypto';
import { mkdir, readFile, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, KvasirError } from '@kvasir/core';
import { readBlockFile, TRAILER_BYTES, writeAside, writeBlockFile } from './block-file.ts';
import type { Disk, KeptBlocks, Manifest } from './disk.ts';
import { decodeManifest, encodeManifest } from './manifest.ts';
import { scan } from './scan.ts';
import { Usage } from './usage.ts';

/** After a write failed (ENOSPC, EROFS), how long none is tried: a full disk is not asked again for each block. */
const PAUSE_MS = 10_000;

export interface FolderDiskOptions {
  readonly directory: string;
  /** Keeps two origins in one directory apart. */
  readonly origin: string;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Hears of what failed, with the file's name where there is one: REMOTE_FAILED for the disk itself, CORRUPT_ENVELOPE for a damaged block. */
  readonly report: (error: KvasirError, name: string | undefined) => void;
}

/**
 * `<directory>/<hash of origin and name>/` holds `manifest` and one file a block, `<version>-<index>`. Every file is renamed into place,
 * and blocks carry their own checksum, so there is nothing to repair after a crash: what is there counts. Processes may share the
 * directory; each bounds it by what it has seen.
 */
export class FolderDisk implements Disk {
  readonly #options: FolderDiskOptions;
  readonly #usage: Usage;
  #prepared: Promise<void> | undefined;
  #pausedUntil = 0;

  constructor(options: FolderDiskOptions) {
    this.#options = options;
    this.#usage = new Usage(options.maxBytes);
  }

  prepare(): Promise<void> {
    this.#prepared ??= this.#open();
    return this.#prepared;
  }

  async #open(): Promise<void> {
    const { directory, report } = this.#options;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      for (const { path, bytes } of await scan(directory)) this.#usage.add(path, bytes);
      await this.#makeRoom();
    } catch (error) {
      this.#pause();
      report(diskFailed(error), undefined);
    }
  }

  blocks(name: string, version: string, manifest: () => Manifest): KeptBlocks {
    const folder = this.#folder(name);
    const prefix = `${folder}/${version}-`;
    return {
      has: (index) => this.#usage.has(prefix + index),
      read: (index, length, isRight) => this.#read(name, prefix + index, length, isRight),
      write: async (index, bytes) => {
        const isFirst = !this.#usage.hasFolder(folder);
        const isKept = await this.#write(name, prefix + index, bytes);
        if (isKept && isFirst) await this.writeManifest(manifest());
        return isKept;
      },
    };
  }

  async #read(
    name: string,
    path: string,
    length: number,
    isRight: (bytes: Uint8Array) => boolean = () => true,
  ): Promise<Uint8Array | undefined> {
    try {
      const bytes = await readBlockFile(this.#absolute(path), length);
      if (bytes === undefined || !isRight(bytes))
        throw new KvasirError('CORRUPT_ENVELOPE', 'a block on disk is not what it was');
      if (this.#usage.has(path)) this.#usage.touch(path);
      else await this.#adopt(path, length);
      return bytes;
    } catch (error) {
      if (isAbsent(error)) this.#usage.remove(path);
      else {
        this.#options.report(diskFailed(error), name);
        await this.#remove(path);
      }
      return undefined;
    }
  }

  /** Counts a block that is there now. */
  async #adopt(path: string, bytes: number): Promise<void> {
    this.#usage.add(path, bytes + TRAILER_BYTES);
    await this.#makeRoom();
  }

  async #write(name: string, path: string, bytes: Uint8Array): Promise<boolean> {
    const isWritten = await this.#attempt(name, () => writeBlockFile(this.#absolute(path), bytes));
    if (!isWritten) return false;
    await this.#adopt(path, bytes.byteLength);
    return this.#usage.has(path);
  }

  async readManifest(name: string): Promise<Manifest | undefined> {
    try {
      return decodeManifest(await readFile(this.#absolute(`${this.#folder(name)}/manifest`)), name);
    } catch {
      return undefined;
    }
  }

  async writeManifest(manifest: Manifest): Promise<void> {
    const { name } = manifest.description;
    const folder = this.#folder(name);
    if (!this.#usage.hasFolder(folder)) return;
    const path = this.#absolute(`${folder}/manifest`);
    await this.#attempt(name, () => writeAside(path, [encodeManifest(manifest)]));
  }

  async drop(name: string, keep: string | undefined): Promise<void> {
    const folder = this.#folder(name);
    const dropped = this.#usage.drop(folder, (path) => keep !== undefined && path.startsWith(`${folder}/${keep}-`));
    for (const path of dropped) await this.#remove(path);
  }

  /** Runs a write, making the file's folder if that is what was missing. */
  async #attempt(name: string, write: () => Promise<void>): Promise<boolean> {
    if (this.#options.clock.now() < this.#pausedUntil) return false;
    try {
      await write().catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        await mkdir(this.#absolute(this.#folder(name)), { recursive: true, mode: 0o700 });
        await write();
      });
      return true;
    } catch (error) {
      this.#pause();
      this.#options.report(diskFailed(error), name);
      return false;
    }
  }

  #pause(): void {
    this.#pausedUntil = this.#options.clock.now() + PAUSE_MS;
  }

  async #makeRoom(): Promise<void> {
    for (const path of this.#usage.evict()) await this.#remove(path);
  }

  /** The last block of a file takes its manifest and folder along. */
  async #remove(path: string): Promise<void> {
    this.#usage.remove(path);
    const folder = dirname(path);
    const rest = this.#usage.hasFolder(folder) ? [] : [unlink(this.#absolute(`${folder}/manifest`))];
    await Promise.allSettled([unlink(this.#absolute(path)), ...rest]);
    if (rest.length > 0) await rmdir(this.#absolute(folder)).catch(() => undefined);
  }

  #folder(name: string): string {
    return createHash('sha256').update(`${this.#options.origin}\n${name}`).digest('hex').slice(0, 32);
  }

  #absolute(path: string): string {
    return join(this.#options.directory, path);
  }
}

/** Never there, or taken away by another process. */
function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function diskFailed(error: unknown): KvasirError {
  if (error instanceof KvasirError) return error;
  return new KvasirError('REMOTE_FAILED', 'the disk that keeps weights failed', { cause: error });
}
