// Installs each package as a user does, `npm install` of its tarball into an empty folder, with Express 4 and again with Express 5, and runs a
// plain JavaScript file there that really uses it (tarballs/<name>.mjs).
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack, packages, readManifest } from './pack.mjs';
import { bin, must, run } from './program.mjs';

/** The oldest major of every peer that is supported, and the newest that runs on Node 20. */
const AGES = {
  'Express 4': { express: '4.22.3', ioredis: '5.9.2', keyv: '5.6.0', pg: '8.11.0' },
  'Express 5': { express: '5.3.0', ioredis: '6.0.0', keyv: '5.6.0', pg: '8.23.1' },
};

await must(bin('tsc'), ['-b', ...packages.map((name) => `packages/${name}`)]);

const folder = mkdtempSync(join(tmpdir(), 'kvasir-tarballs-'));
const tarballs = Object.fromEntries(packages.map((name) => [`@kvasir/${name}`, pack(name, folder)]));

/** Its own tarball, those of the packages that it depends on, its peers, and Express. */
function wanted(name, versions) {
  const { name: self, dependencies = {}, peerDependencies = {} } = readManifest(name);
  const own = [self, ...Object.keys(dependencies)].flatMap((dependency) => tarballs[dependency] ?? []);
  const peers = new Set(['express', ...Object.keys(peerDependencies)]);
  return [...own, ...[...peers].map((peer) => `${peer}@${versions[peer]}`)];
}

const NPM = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', '--no-package-lock'];

async function check(name, age, versions) {
  const place = join(folder, `${name}-with-${age.toLowerCase().replace(' ', '-')}`);
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{ "private": true }\n');
  for (const file of [`${name}.mjs`, `${name}.cjs`, 'serve.mjs']) {
    const source = fileURLToPath(new URL(`./tarballs/${file}`, import.meta.url));
    if (existsSync(source)) copyFileSync(source, join(place, file));
  }
  const steps = [
    ['npm', [...NPM, ...wanted(name, versions)]],
    [process.execPath, [`${name}.mjs`]],
    ...(existsSync(join(place, `${name}.cjs`)) ? [[process.execPath, [`${name}.cjs`]]] : []),
  ];
  for (const [command, args] of steps) if ((await run(command, args, { cwd: place })) !== 0) return false;
  console.log(`@kvasir/${name} works from its tarball with ${age}`);
  return true;
}

const failed = [];
for (const [age, versions] of Object.entries(AGES))
  for (const name of packages) if (!(await check(name, age, versions))) failed.push(`@kvasir/${name} with ${age}`);

if (failed.length > 0) console.error(`Does not work from its tarball: ${failed.join(', ')} (left in ${folder})`);
else rmSync(folder, { recursive: true });
process.exitCode = failed.length === 0 ? 0 : 1;
