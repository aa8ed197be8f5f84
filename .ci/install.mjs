import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, root } from './program.mjs';
import { isInstalled } from './stamp.mjs';

/** Installs the workspace when node_modules does not answer to the lockfile. Otherwise asks no network for anything. */
export async function install() {
  if (isInstalled()) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.log(`Installing packages with ${packageManager}: once, a minute or two …`);
  await must('npx', ['-y', packageManager, 'install', '--frozen-lockfile']);
}
