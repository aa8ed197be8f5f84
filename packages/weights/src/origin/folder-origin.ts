import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { BLOCK_BYTES } from '../block.ts';
import type { Description } from '../description.ts';
import { originFailed } from '../fault.ts';
import { isSafeName } from '../name.ts';
import type { Span } from '../range.ts';
import type { Origin, Part, Seen } from './origin.ts';

const MAX_TEXT_BYTES = 4096;
/** Never waits for the other end of a pipe that lies where a file should, never follows a link put there after it was resolved. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Files of a folder. A file is the same as long as size, mtime and inode are; links that lead out of the folder are not followed. */
export class FolderOrigin implements Origin {
  readonly id: string;
  readonly isLocal = true;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.id = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  }

  async look(name: string): Promise<Seen | undefined> {
    const path = await this.#resolve(name);
    if (path === undefined) return undefined;
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    return stats?.isFile()
      ? { size: Number(stats.size), validators: validatorsOf(stats), expected: undefined }
      : undefined;
  }

  async text(name: string): Promise<string | undefined> {
    const seen = await this.look(name);
    const path = await this.#resolve(name);
    if (seen === undefined || path === undefined || seen.size > MAX_TEXT_BYTES) return undefined;
    const handle = await open(path, OPEN_FLAGS);
    try {
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  }

  async fetch(description: Description, span: Span): Promise<Part> {
    const path = await this.#resolve(description.name);
    if (path === undefined) throw originFailed(description.name, 'is no longer there', { kind: 'changed' });
    return { span, isWhole: false, body: readFile(path, description, span) };
  }

  close(): void {
    // Nothing stays open between reads.
  }

  /** The real path, undefined when there is none, when it lies outside the folder, or leads through a dotfile. */
  async #resolve(name: string): Promise<string | undefined> {
    try {
      const root = await realpath(this.#folder);
      const path = await realpath(join(root, ...name.split('/')));
      const inside = relative(root, path);
      // Between two drives of Windows there is no relative path.
      return !isAbsolute(inside) && isSafeName(inside.split(sep).join('/')) ? path : undefined;
    } catch {
      return undefined;
    }
  }
}

async function* readFile(path: string, description: Description, span: Span): AsyncGenerator<Uint8Array> {
  const { name } = description;
  const handle = await open(path, OPEN_FLAGS).catch((reason: unknown) => {
    throw originFailed(name, 'cannot be read', { kind: 'refused', reason });
  });
  try {
    let at = span.start;
    while (at < span.end) {
      const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES - (at % BLOCK_BYTES), span.end - at));
      const isFull = await fill(handle, block, at);
      // Looked at after the read: what changed before it shows now.
      const stats = await handle.stat({ bigint: true });
      if (!isFull || validatorsOf(stats).etag !== description.validators.etag)
        throw originFailed(name, 'changed while it was read', { kind: 'changed' });
      at += block.byteLength;
      yield block;
    }
  } finally {
    await handle.close();
  }
}

async function fill(handle: FileHandle, block: Buffer, position: number): Promise<boolean> {
  let filled = 0;
  while (filled < block.byteLength) {
    const { bytesRead } = await handle.read(block, filled, block.byteLength - filled, position + filled);
    if (bytesRead === 0) return false;
    filled += bytesRead;
  }
  return true;
}

function validatorsOf(stats: BigIntStats): Seen['validators'] {
  return { etag: `${stats.size}-${stats.mtimeNs}-${stats.ino}`, lastModified: undefined, linkedEtag: undefined };
}
