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
  /** Undefined when absent, or damaged: then it is gone. */
  read(index: number, length: number): Promise<Uint8Array | undefined>;
  /** False when it could not be kept. */
  write(index: number, bytes: Uint8Array): Promise<boolean>;
}

/** Where blocks stay between processes. Nothing here rejects: what fails is reported and reads as absent. */
export interface Disk {
  /** Finds what an earlier process left. */
  prepare(): Promise<void>;
  blocks(name: string, version: string): KeptBlocks;
  readManifest(name: string): Promise<Manifest | undefined>;
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
