// Run by pnpm as the last step of an install: what node_modules then holds is what the lockfile says.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './program.mjs';

const stamp = join(root, 'node_modules', '.kvasir-installed');

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
}

export function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfileHash();
}

// Only pnpm writes .modules.yaml: an `npm install` by mistake leaves no stamp.
if (process.argv[1] === fileURLToPath(import.meta.url) && existsSync(join(root, 'node_modules', '.modules.yaml')))
  writeFileSync(stamp, lockfileHash());
