import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PART_NAME } from './block-file.ts';

const FOLDER_NAME = /^[0-9a-f]{32}$/;
const BLOCK_NAME = /^[0-9a-f]{32}-\d+$/;

interface Found {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** The block files in a directory, oldest first. Removes what processes that are no longer alive left half-written; touches nothing else. */
export async function scan(directory: string): Promise<Found[]> {
  const found: (Found & { readonly mtimeMs: number })[] = [];
  for (const folder of await readdir(directory)) {
    if (!FOLDER_NAME.test(folder)) continue;
    for (const file of await readdir(join(directory, folder)).catch(() => [])) {
      const absolute = join(directory, folder, file);
      if (BLOCK_NAME.test(file)) {
        const stats = await stat(absolute).catch(() => undefined);
        if (stats !== undefined) found.push({ path: `${folder}/${file}`, bytes: stats.size, mtimeMs: stats.mtimeMs });
      } else if (isAbandoned(file)) await unlink(absolute).catch(() => undefined);
    }
  }
  return found.sort((a, b) => a.mtimeMs - b.mtimeMs);
}

function isAbandoned(file: string): boolean {
  const pid = Number(PART_NAME.exec(file)?.[1]);
  if (!Number.isSafeInteger(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
