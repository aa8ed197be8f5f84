import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: { readonly node?: string };
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** `dir` is relative to the root, with forward slashes: `packages/web`; the root itself is ''. */
export interface Workspace {
  readonly dir: string;
  readonly manifest: Manifest;
}

/** `path` is relative to the root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

function git(...args: string[]): string[] {
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

/** What a clone gets. */
export function readTracked(): string[] {
  return git('ls-files', '-z');
}

/** What is tracked or would be with the next `git add`. */
function readPaths(): string[] {
  return git('ls-files', '-z', '--cached', '--others', '--exclude-standard');
}

export function readSources(): SourceFile[] {
  return readPaths()
    .filter((path) => /\.(ts|mts|js|mjs)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function readPages(): SourceFile[] {
  return readPaths()
    .filter((path) => /^([^/]+|docs\/.+|(packages|examples)\/[^/]+\/README|bench\/.+)\.md$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function readWorkspaces(): Workspace[] {
  return readPaths()
    .filter((path) => /^((packages|examples)\/[^/]+\/|test\/|bench\/|)package\.json$/.test(path))
    .map((path) => ({
      dir: path === 'package.json' ? '' : dirname(path),
      manifest: JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest,
    }));
}
