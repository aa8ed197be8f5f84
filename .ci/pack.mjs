import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './program.mjs';

export const packages = readdirSync(join(root, 'packages')).sort();

export function readManifest(name) {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
}

/** As publishing does: `workspace:^` becomes the range of the version beside it. */
function resolveWorkspace(dependencies = {}) {
  return Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => {
      if (!range.startsWith('workspace:')) return [name, range];
      return [name, range.slice('workspace:'.length) + readManifest(name.replace('@kvasir/', '')).version];
    }),
  );
}

/** Packs a built package into `folder` and returns the tarball's path. npm does the packing, on a copy: it knows no `workspace:`. */
export function pack(name, folder) {
  const copy = mkdtempSync(join(tmpdir(), 'kvasir-pack-'));
  cpSync(join(root, 'packages', name), copy, { recursive: true, filter: (path) => !path.includes('node_modules') });
  cpSync(join(root, 'LICENSE'), join(copy, 'LICENSE'));
  const { devDependencies: _, ...manifest } = readManifest(name);
  if (manifest.dependencies) manifest.dependencies = resolveWorkspace(manifest.dependencies);
  writeFileSync(join(copy, 'package.json'), JSON.stringify(manifest, undefined, 2));
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: copy,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  rmSync(copy, { recursive: true });
  if (packed.status !== 0) throw new Error(`npm pack of ${name}: ${packed.stderr}`);
  return join(folder, `kvasir-${name}-${manifest.version}.tgz`);
}
