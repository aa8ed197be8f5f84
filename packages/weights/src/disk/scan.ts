import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PART_NAME } from './block-file.ts';

const FOLDER_NAME = /^[0-9a-f]{32}$/;
const BLOCK_NAME = /^[0-9a-f]{32}-\d+$/;
/** No block takes so long to write. In a container the next process has the pid of the one that was killed. */
const MAX_WRITE_MS = 3_600_000;

interface Found {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** The block files in a directory, oldest first. Removes what processes that are no longer alive, or an hour ago, left half-written; touches nothing else. */
export async function scan(directory: string): Promise<Found[]> {
  const found: (Found & { readonly mtimeMs: number })[] = [];
  for (const folder of await readdir(directory)) {
    if (!FOLDER_NAME.test(folder)) continue;
    for (const file of await readdir(join(directory, folder)).catch(() => [])) {
      const absolute = join(directory, folder, file);
      const stats = await stat(absolute).catch(() => undefined);
      if (stats === undefined) continue;
      if (BLOCK_NAME.test(file)) found.push({ path: `${folder}/${file}`, bytes: stats.size, mtimeMs: stats.mtimeMs });
      else if (isAbandoned(file, stats.mtimeMs)) await unlink(absolute).catch(() => undefined);
    }
  }
  return found.sort((a, b) => a.mtimeMs - b.mtimeMs);
}

function isAbandoned(file: string, mtimeMs: number): boolean {
  const pid = Number(PART_NAME.exec(file)?.[1]);
  if (!Number.isSafeInteger(pid)) return false;
  if (Date.now() - mtimeMs > MAX_WRITE_MS) return true;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
