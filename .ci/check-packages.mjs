// Packs every package and lets publint and attw judge the tarball that a user would get.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack, packages } from './pack.mjs';
import { bin, must, run } from './program.mjs';

await must(bin('tsc'), ['-b', ...packages.map((name) => `packages/${name}`)]);

const folder = mkdtempSync(join(tmpdir(), 'kvasir-packages-'));
const failed = [];
for (const name of packages) {
  const tarball = pack(name, folder);
  const codes = [
    await run(bin('publint'), ['--strict', tarball]),
    await run(bin('attw'), ['--profile', 'esm-only', '--no-emoji', '--no-summary', tarball]),
  ];
  if (codes.some((code) => code !== 0)) failed.push(name);
}
console.log(failed.length === 0 ? 'Every package is fit to publish.' : `Not fit to publish: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
