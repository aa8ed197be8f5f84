import type { Description } from '../description.ts';
import type { Seal } from '../digest.ts';

/** What is kept of a file beside its blocks. */
export interface Manifest {
  readonly description: Description;
  readonly seal: Seal | undefined;
}

/** The blocks of one version of one file. */
export interface KeptBlocks {
  has(index: number): boolean;
  /** Undefined when absent, damaged, or not what `isRight` wants: then it is gone. */
  read(index: number, length: number, isRight?: (bytes: Uint8Array) => boolean): Promise<Uint8Array | undefined>;
  /** False when it could not be kept. */
  write(index: number, bytes: Uint8Array): Promise<boolean>;
}

/** Where blocks stay between processes. Nothing here rejects: what fails is reported and reads as absent. */
export interface Disk {
  /** Finds what an earlier process left. */
  prepare(): Promise<void>;
  /** `manifest` is asked for when the first block of the file is kept. */
  blocks(name: string, version: string, manifest: () => Manifest): KeptBlocks;
  readManifest(name: string): Promise<Manifest | undefined>;
  /** Does nothing for a file without blocks: what is only looked at leaves no trace. */
  writeManifest(manifest: Manifest): Promise<void>;
  /** Removes the blocks of all versions of a file but `keep`. */
  drop(name: string, keep: string | undefined): Promise<void>;
}

/** For an origin that is a disk itself: copying its blocks to another one would buy nothing. */
export const noDisk: Disk = {
  prepare: () => Promise.resolve(),
  blocks: () => ({
    has: () => false,
    read: () => Promise.resolve(undefined),
    write: () => Promise.resolve(false),
  }),
  readManifest: () => Promise.resolve(undefined),
  writeManifest: () => Promise.resolve(),
  drop: () => Promise.resolve(),
};
