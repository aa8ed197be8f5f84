import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPages, root } from './architecture/repository.ts';
import { asModule, fileName, findBlocks } from './docs/blocks.ts';
import { compareDefaults } from './docs/defaults.ts';
import { findLinks } from './docs/links.ts';
import { findRows, plain } from './docs/tables.ts';

const run = promisify(execFile);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const names = ['core', 'memory', 'redis', 'keyv', 'web', 'inference', 'weights', 'query', 'cli'];
const pages = readPages();
const blocks = pages.flatMap(findBlocks);
// Below test/, for what the blocks import is found in its node_modules; below node_modules, for it is no source of ours.
const caches = join(root, 'test', 'node_modules', '.cache');
mkdirSync(caches, { recursive: true });
const folder = mkdtempSync(join(caches, 'docs-'));

beforeAll(() => {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const block of blocks) writeFileSync(join(folder, fileName(block)), asModule(block));
  const compilerOptions = { composite: false, incremental: false, noEmit: true, noUnusedLocals: false };
  const files = blocks.map(fileName);
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, files };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the code in README.md and docs', () => {
  it('is there, in the README of every package and at the top', () => {
    const shown = new Set(blocks.map((block) => block.page));
    const wanted = ['README.md', ...names.map((name) => `packages/${name}/README.md`)];
    expect(wanted.filter((page) => !shown.has(page))).toEqual([]);
  });

  it('compiles under the strict options of the packages', async () => {
    const compiled = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(compiled.stdout).toBe('');
  });

  const running = blocks.filter((block) => block.runs);
  it.each(running.map((block) => [`${block.page}:${block.line}`, block] as const))('%s runs', async (_at, block) => {
    const args = ['--conditions=@kvasir/source', '--import', 'tsx', join(folder, fileName(block))];
    await run(process.execPath, args, { cwd: root, timeout: 25_000 });
  });
});

describe('the links in README.md and docs', () => {
  it('lead somewhere', () => {
    const dead = pages.flatMap((page) =>
      findLinks(page)
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${page.path} -> ${target}`),
    );
    expect(dead).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('has a row for every code of KvasirError, and no other', () => {
    const union = /type KvasirErrorCode =([^;]+);/.exec(read('packages/core/src/errors.ts'))?.[1] ?? '';
    const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map((match) => match[1] ?? '');
    const rows = findRows(read('docs/errors.md'), 'code', 'meaning', 'what to do');
    expect(codes).not.toEqual([]);
    expect(rows.map((row) => plain(row['code'] ?? '')).sort()).toEqual(codes.sort());
    expect(rows.filter((row) => row['meaning'] === '' || row['what to do'] === '')).toEqual([]);
  });
});

describe('the defaults in a README', () => {
  it.each(names)('of %s are those of the code', async (name) => {
    const { DEFAULTS } = (await import(`@kvasir/${name}`)) as { DEFAULTS?: Record<string, unknown> };
    expect(DEFAULTS === undefined ? [] : compareDefaults(read(`packages/${name}/README.md`), DEFAULTS)).toEqual([]);
  });
});
