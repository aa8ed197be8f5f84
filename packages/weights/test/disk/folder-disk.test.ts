import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ManualClock } from '@kvasir/core/testing';
import { expect, test } from 'vitest';
import type { Description } from '../../src/description.ts';
import type { KeptBlocks, Manifest } from '../../src/disk/disk.ts';
import { FolderDisk } from '../../src/disk/folder-disk.ts';
import { MIB, makeFolder, patterned } from '../support/app.ts';

const V1 = '1'.repeat(32);
const V2 = '2'.repeat(32);

interface Made {
  readonly disk: FolderDisk;
  readonly directory: string;
  readonly errors: unknown[];
  readonly clock: ManualClock;
}

async function makeDisk(options: { directory?: string; maxBytes?: number } = {}): Promise<Made> {
  const directory = options.directory ?? (await makeFolder());
  const errors: unknown[] = [];
  const clock = new ManualClock();
  const report = (error: unknown): void => void errors.push(error);
  const disk = new FolderDisk({ directory, origin: 'o', maxBytes: options.maxBytes ?? Infinity, clock, report });
  await disk.prepare();
  return { disk, directory, errors, clock };
}

function describe(id: string): Description {
  const validators = { etag: id, lastModified: undefined, linkedEtag: undefined };
  return { name: 'a.bin', id, size: 3 * MIB, validators, expected: undefined, confirmed: false };
}

function manifestOf(id: string): Manifest {
  return { description: describe(id), seal: undefined };
}

function blocksOf(disk: FolderDisk, id: string, name = 'a.bin'): KeptBlocks {
  return disk.blocks(name, id, () => manifestOf(id));
}

/** The blocks, without the manifest. */
async function blockFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== 'manifest')
    .map((entry) => join(entry.parentPath, entry.name));
}

test('keeps blocks for the next process', async () => {
  const { disk, directory } = await makeDisk();
  await blocksOf(disk, V1).write(2, patterned(1000));
  const { disk: again } = await makeDisk({ directory });
  expect(await again.readManifest('a.bin')).toEqual(manifestOf(V1));
  const blocks = blocksOf(again, V1);
  expect([0, 1, 2].map((index) => blocks.has(index))).toEqual([false, false, true]);
  expect(Buffer.compare((await blocks.read(2, 1000)) ?? new Uint8Array(), patterned(1000))).toBe(0);
});

test.each<[what: string, damage: (bytes: Buffer) => Buffer]>([
  ['a flipped bit', (bytes) => Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)])],
  ['a cut end', (bytes) => bytes.subarray(0, -1)],
  ['a flipped bit in its checksum', (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([0])])],
  ['nothing', () => Buffer.alloc(0)],
  ['only zeros, as after a power loss', (bytes) => Buffer.alloc(bytes.byteLength)],
])('takes a block that has %s for absent, removes it and tells', async (_, damage) => {
  const { disk, directory, errors } = await makeDisk();
  const blocks = blocksOf(disk, V1);
  await blocks.write(0, patterned(1000, 3));
  const [path = ''] = await blockFiles(directory);
  await writeFile(path, damage(await readFile(path)));
  expect(await blocks.read(0, 1000)).toBeUndefined();
  expect(blocks.has(0)).toBe(false);
  expect(await blockFiles(directory)).toEqual([]);
  expect(errors).toHaveLength(1);
});

test('reads what another process brings, and does not miss what another process takes away', async () => {
  const { disk, directory, errors } = await makeDisk();
  const other = await makeDisk({ directory });
  const [mine, theirs] = [blocksOf(disk, V1), blocksOf(other.disk, V1)];
  expect(await mine.read(0, 10)).toBeUndefined();
  await theirs.write(0, patterned(10));
  expect(await mine.read(0, 10)).toEqual(Buffer.from(patterned(10)));
  expect(mine.has(0)).toBe(true);
  await other.disk.drop('a.bin', undefined);
  expect(await mine.read(0, 10)).toBeUndefined();
  expect([mine.has(0), errors]).toEqual([false, []]);
});

test('stays under its limit, and lets the blocks go that were not used for longest', async () => {
  const { disk, directory } = await makeDisk({ maxBytes: 3 * (MIB + 4096) });
  const blocks = blocksOf(disk, V1);
  for (const index of [0, 1, 2]) await blocks.write(index, patterned(MIB, index));
  await blocks.read(0, MIB);
  await blocks.write(3, patterned(MIB, 3));
  expect([0, 1, 2, 3].map((index) => blocks.has(index))).toEqual([true, false, true, true]);
  expect(await blockFiles(directory)).toHaveLength(3);
});

test('brings what an earlier process left under a lower limit, oldest first', async () => {
  const { disk, directory } = await makeDisk();
  for (const index of [0, 1, 2]) await blocksOf(disk, V1).write(index, patterned(MIB, index));
  await makeDisk({ directory, maxBytes: 2 * MIB + 8192 });
  expect(await blockFiles(directory)).toHaveLength(2);
});

test('removes the manifest and the folder with the last block', async () => {
  const { disk, directory } = await makeDisk();
  await blocksOf(disk, V1).write(0, patterned(10));
  await disk.drop('a.bin', undefined);
  expect(await readdir(directory)).toEqual([]);
});

test('writes no manifest for a file of which it has no block, and writes it again after the last block has left', async () => {
  const { disk, directory } = await makeDisk();
  await disk.writeManifest(manifestOf(V1));
  expect(await readdir(directory)).toEqual([]);
  const blocks = blocksOf(disk, V1);
  for (let round = 0; round < 2; round++) {
    await blocks.write(0, patterned(10));
    expect(await disk.readManifest('a.bin')).toEqual(manifestOf(V1));
    await disk.drop('a.bin', undefined);
    expect(await disk.readManifest('a.bin')).toBeUndefined();
  }
});

test('takes a whole block for absent when it is not the right one', async () => {
  const { disk, directory, errors } = await makeDisk();
  const blocks = blocksOf(disk, V1);
  await blocks.write(0, patterned(10));
  expect(await blocks.read(0, 10, () => true)).toBeDefined();
  expect(await blocks.read(0, 10, () => false)).toBeUndefined();
  expect([await blockFiles(directory), errors.length]).toEqual([[], 1]);
});

test('drops the blocks of old versions and keeps those of the current one, and of other files', async () => {
  const { disk } = await makeDisk();
  for (const version of [V1, V2]) await blocksOf(disk, version).write(0, patterned(10));
  await blocksOf(disk, V1, 'b.bin').write(0, patterned(10));
  await disk.drop('a.bin', V2);
  expect(blocksOf(disk, V1).has(0)).toBe(false);
  expect(blocksOf(disk, V2).has(0)).toBe(true);
  expect(blocksOf(disk, V1, 'b.bin').has(0)).toBe(true);
});

test('removes what a process that is gone left half-written, and no file that is not its own', async () => {
  const { disk, directory } = await makeDisk();
  await blocksOf(disk, V1).write(0, patterned(10));
  const [path = ''] = await blockFiles(directory);
  await writeFile(`${path}.${2 ** 22 + 1}.a0-0.part`, 'half');
  await writeFile(`${path}.${process.ppid}.a0-0.part`, 'of a process that lives');
  const old = `${path}.${process.pid}.a0-1.part`;
  await writeFile(old, 'of one that had our pid');
  await utimes(old, 0, 0);
  await writeFile(join(directory, 'README'), "somebody else's");
  await makeDisk({ directory });
  const left = (await blockFiles(directory)).map((file) => file.slice(path.length));
  expect(left.filter((name) => name.endsWith('.part'))).toEqual([`.${process.ppid}.a0-0.part`]);
  expect(await readFile(join(directory, 'README'), 'utf8')).toBe("somebody else's");
});

test('goes on without keeping when it cannot write, tells once, and tries again later', async () => {
  const { disk, directory, errors, clock } = await makeDisk();
  const blocks = blocksOf(disk, V1);
  await blocks.write(0, patterned(10));
  const [path = ''] = await blockFiles(directory);
  // A file where the folder should be: fails for root too, as a full disk does.
  await disk.drop('a.bin', undefined);
  await writeFile(join(path, '..'), 'in the way');
  expect(await blocks.write(0, patterned(10))).toBe(false);
  expect(await blocks.write(1, patterned(10))).toBe(false);
  expect(errors).toHaveLength(1);
  await clock.advance(10_000);
  expect(await blocks.write(0, patterned(10))).toBe(false);
  expect(errors).toHaveLength(2);
});

test('tells when its directory cannot be made', async () => {
  const file = join(await makeFolder(), 'file');
  await writeFile(file, '');
  const { disk, errors } = await makeDisk({ directory: join(file, 'below') });
  expect(errors).toHaveLength(1);
  expect(await blocksOf(disk, V1).write(0, patterned(10))).toBe(false);
});
