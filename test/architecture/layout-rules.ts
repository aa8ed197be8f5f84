import { posix } from 'node:path';
import type { SourceFile } from './repository.ts';

const MAX_LINES = 400;
const MAX_MEDIAN = 120;

const TOP_LEVEL = new Set([
  'packages',
  'examples',
  'test',
  'bench',
  'docs',
  'package.json',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
  // The usual root files.
  'README.md',
  'LICENSE',
  'CONTRIBUTING.md',
  'pnpm-lock.yaml',
  'tsconfig.json',
  'tsconfig.test.json',
  'vitest.config.ts',
  'knip.json',
  'biome.json',
  '.oxlintrc.json',
  '.npmrc',
  '.gitignore',
  '.gitattributes',
  '.changeset',
  '.ci',
]);

export function checkTopLevel(paths: readonly string[]): string[] {
  const names = new Set(paths.map((path) => path.split('/')[0] ?? path));
  const missing = ['packages', 'examples', 'test', 'bench', 'docs', 'README.md', 'LICENSE', 'CONTRIBUTING.md'];
  return [
    ...[...names].filter((name) => !TOP_LEVEL.has(name)).map((name) => `${name} does not belong at the top`),
    ...missing.filter((name) => !names.has(name)).map((name) => `${name} is missing`),
  ];
}

export function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

export function checkSizes(files: readonly SourceFile[]): string[] {
  const counts = files.map((file) => countLines(file.text)).sort((a, b) => a - b);
  const median = counts[Math.floor(counts.length / 2)] ?? 0;
  const long = files.filter((file) => countLines(file.text) > MAX_LINES);
  return [
    ...long.map((file) => `${file.path} has ${countLines(file.text)} lines, more than ${MAX_LINES}`),
    ...(median > MAX_MEDIAN ? [`the median file has ${median} lines, more than ${MAX_MEDIAN}`] : []),
  ];
}

const COMMENTS = /\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm;
const RE_EXPORT = /^[ \t]*export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+['"][^'"]+['"];?/gm;

/** In src, an index.ts is a door: it exports and does nothing else; and no other file passes on what is not its own. */
export function checkDoors(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    if (!/^packages\/[^/]+\/src\//.test(path)) return [];
    const code = text.replace(COMMENTS, '');
    if (posix.basename(path) !== 'index.ts')
      return code.search(RE_EXPORT) === -1 ? [] : [`${path} re-exports, which only an index.ts does`];
    const rest = code
      .replace(RE_EXPORT, '')
      .replace(/^[ \t]*export\s*\{\s*\};?/gm, '')
      .replace(/^[ \t]*import\s+['"]\.[^'"]+['"];?/gm, '')
      .trim();
    return rest === '' ? [] : [`${path} does more than export: ${rest.split('\n')[0]}`];
  });
}
