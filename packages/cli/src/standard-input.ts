import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Standard input as a file, for a trace is read more than once; it is gone when the process ends. */
export async function spoolStandardInput(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kvasir-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const path = join(folder, 'stdin');
  await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
  return path;
}
