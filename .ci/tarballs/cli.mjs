import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

writeFileSync('keys.txt', 'a\nb\na\nc\na\n');
const shell = process.platform === 'win32';
const run = (...args) => execFileSync('npx', ['--no-install', 'kvasir', ...args], { encoding: 'utf8', shell });
const { results } = JSON.parse(run('simulate', 'keys.txt', '--sizes', '3', '--json'));
assert.ok(results.length >= 9);
for (const { hits } of results) assert.equal(hits, 2);
assert.match(run('plan', 'keys.txt', '--target', '0.4'), /40\.0 % of requests hit in LRU of/);
