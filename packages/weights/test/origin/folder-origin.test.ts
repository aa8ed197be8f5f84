import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ManualClock } from '@kvasir/core/testing';
import { expect, test } from 'vitest';
import { arrives, breaks, bytesOf, MIB, makeFolder, patterned, serve } from '../support/app.ts';

const file = patterned(2 * MIB + 99);
const digest = createHash('sha256').update(file).digest('hex');

test('serves files of a folder, by range too, and copies nothing to another disk', async () => {
  const folder = await makeFolder();
  const directory = await makeFolder();
  await mkdir(join(folder, 'org'));
  await writeFile(join(folder, 'org', 'a b.bin'), file);
  const { get } = await serve({ origin: folder, directory });
  expect(await arrives(get('org/a%20b.bin'), file)).toBe(true);
  const part = await get('org/a%20b.bin', { range: 'bytes=1048570-1048590' });
  expect(part.headers.get('cache-status')).toMatch(/hit.*unverified$/);
  expect(await bytesOf(part)).toEqual(file.subarray(1_048_570, 1_048_591));
  expect(await readdir(directory)).toEqual([]);
});

test('checks a file of a folder against a digest that is known, and against its sidecar', async () => {
  const folder = await makeFolder();
  for (const name of ['good.bin', 'bad.bin', 'sided.bin']) await writeFile(join(folder, name), file);
  await writeFile(join(folder, 'sided.bin.sha256'), `${'0'.repeat(64)} *sided.bin\n`);
  const { get, models } = await serve({ origin: folder, digests: { 'good.bin': digest, 'bad.bin': '0'.repeat(64) } });
  expect(await arrives(get('good.bin'), file)).toBe(true);
  expect((await models.open('good.bin')).state()).toMatchObject({ verified: 'independent', blocksOnDisk: 0 });
  expect(await breaks(get('bad.bin'))).toBe(true);
  expect(await breaks(get('sided.bin'))).toBe(true);
});

test('takes a file with another size, time or inode for a new version', async () => {
  const clock = new ManualClock();
  const folder = await makeFolder();
  const path = join(folder, 'a.bin');
  await writeFile(path, file);
  const { get } = await serve({ origin: folder, clock });
  const etags = new Set<string | null>();
  const look = async (): Promise<void> => {
    await clock.advance(301_000);
    etags.add((await get('a.bin', { range: 'bytes=0-0' })).headers.get('etag'));
  };
  await look();
  await look();
  expect(etags.size).toBe(1);
  await utimes(path, 1, 1);
  await look();
  await writeFile(`${path}.new`, file);
  await utimes(`${path}.new`, 1, 1);
  await rename(`${path}.new`, path);
  await look();
  expect(etags.size).toBe(3);
});

test('notices a change between looks when it reads, and answers with the new file', async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, 'a.bin'), file);
  const { get } = await serve({ origin: folder });
  await bytesOf(await get('a.bin', { range: 'bytes=0-0' }));
  const changed = patterned(2 * MIB + 99, 5);
  await writeFile(join(folder, 'a.bin'), changed);
  await utimes(join(folder, 'a.bin'), 1, 1);
  const response = await get('a.bin', { range: `bytes=${MIB}-${MIB + 9}` });
  expect(await bytesOf(response)).toEqual(changed.subarray(MIB, MIB + 10));
});

test('follows links inside the folder and none that lead out of it, through a dotfile or nowhere', async () => {
  const outside = await makeFolder();
  await writeFile(join(outside, 'secret'), 'secret');
  const folder = await makeFolder();
  await mkdir(join(folder, 'blobs'));
  await mkdir(join(folder, '.git'));
  await writeFile(join(folder, 'blobs', 'b1'), 'model');
  await writeFile(join(folder, '.git', 'config'), 'token');
  await symlink(join('blobs', 'b1'), join(folder, 'inside'));
  await symlink(join(outside, 'secret'), join(folder, 'outside'));
  await symlink(outside, join(folder, 'outfolder'));
  await symlink(join('.git', 'config'), join(folder, 'dotted'));
  await symlink('gone', join(folder, 'dangling'));
  await symlink('loop', join(folder, 'loop'));
  const { get } = await serve({ origin: folder });
  expect(await (await get('inside')).text()).toBe('model');
  for (const name of ['outside', 'outfolder/secret', 'dotted', 'dangling', 'loop', '.git/config', 'blobs', 'b1/x'])
    expect([name, (await get(name)).status]).toEqual([name, 404]);
});

test('does not wait for a pipe that lies where a file should', async () => {
  const folder = await makeFolder();
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const { get } = await serve({ origin: folder });
  expect((await get('pipe')).status).toBe(404);
});

test('serves from the folder itself even when that is reached through a link', async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, 'a.bin'), 'model');
  const link = join(await makeFolder(), 'link');
  await symlink(folder, link);
  const { get } = await serve({ origin: link });
  expect(await (await get('a.bin')).text()).toBe('model');
});
