import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const program = fileURLToPath(new URL('../bin/kvasir.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kvasir-cli-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `kvasir` as a user does, in a folder of its own, with `input` on standard input. */
export function kvasir(args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...process.env, NODE_OPTIONS: '' } };
    const all = ['--conditions=@kvasir/source', '--import', import.meta.resolve('tsx'), program, ...args];
    const child = execFile(process.execPath, all, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

/** A file in that folder; returns its path. */
export function writeFile(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
