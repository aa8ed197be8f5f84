import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSame, MIB, makeFolder, makeWeights, patterned } from './support/app.ts';
import { startOrigin } from './support/origin.ts';
import { writeSafetensors } from './support/safetensors.ts';

const floats = Float32Array.from({ length: 6 }, (_, i) => i / 4 - 0.5);
const large = patterned(3 * MIB + 3);
const model = writeSafetensors(
  [
    { name: 'wte', dtype: 'F32', shape: [2, 3], bytes: new Uint8Array(floats.buffer) },
    { name: 'step', dtype: 'I64', shape: [], bytes: new Uint8Array(BigInt64Array.of(-7n).buffer) },
    { name: 'empty', dtype: 'F16', shape: [0, 4], bytes: new Uint8Array() },
    { name: 'large', dtype: 'U8', shape: [large.byteLength], bytes: large },
    { name: 'odd', dtype: 'BF16', shape: [2], bytes: Uint8Array.of(0x80, 0x3f, 0, 0xc0) },
  ],
  { format: 'pt' },
);

describe('tensors', () => {
  test('are listed in the order of their bytes, and read one by one with their type and shape', async () => {
    const origin = await startOrigin({ 'model.safetensors': model });
    const { models } = await makeWeights({ origin: origin.url });
    const file = await models.open('model.safetensors');
    expect((await file.tensors()).map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ['wte', 'F32', [2, 3]],
      ['step', 'I64', []],
      ['empty', 'F16', [0, 4]],
      ['large', 'U8', [large.byteLength]],
      ['odd', 'BF16', [2]],
    ]);
    expect(await file.tensor('wte')).toEqual({ name: 'wte', dtype: 'F32', shape: [2, 3], data: floats });
    expect((await file.tensor('step')).data).toEqual(BigInt64Array.of(-7n));
    expect((await file.tensor('empty')).data).toEqual(new Uint16Array());
    // At an odd offset of the file: a view would be unaligned, a copy is not.
    expect((await file.tensor('odd')).data).toEqual(Uint16Array.of(0x3f80, 0xc000));
    expect(isSame((await file.tensor('large')).data as Uint8Array, large)).toBe(true);
  });

  test('bring only the blocks that they lie in', async () => {
    const origin = await startOrigin({ 'model.safetensors': model });
    const { models } = await makeWeights({ origin: origin.url });
    await (await models.open('model.safetensors')).tensor('wte');
    expect(origin.served).toBe(MIB);
  });

  test('that are not there, and files that are none, are refused', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'model.safetensors'), model);
    await writeFile(join(folder, 'a.bin'), large);
    await writeFile(join(folder, 'tiny.bin'), 'x');
    await writeFile(join(folder, 'empty.bin'), '');
    const { models } = await makeWeights({ origin: folder });
    await expect(models.open('model.safetensors').then((f) => f.tensor('w'))).rejects.toMatchObject({
      code: 'DECODE_FAILED',
      message: 'model.safetensors: no tensor "w"',
    });
    for (const name of ['a.bin', 'tiny.bin', 'empty.bin'])
      await expect(models.open(name).then((f) => f.tensors())).rejects.toMatchObject({ code: 'DECODE_FAILED' });
  });
});

describe('read', () => {
  test('gives any bytes of the file, as a copy of its own', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'a.bin'), large);
    const { models } = await makeWeights({ origin: folder });
    const file = await models.open('a.bin');
    await fc.assert(
      fc.asyncProperty(fc.nat(large.byteLength), fc.nat(large.byteLength), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const bytes = await file.read(start, end);
        expect(isSame(bytes, large.subarray(start, end))).toBe(true);
        expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, end - start]);
        bytes.fill(0);
      }),
      { numRuns: 20 },
    );
    expect(isSame(await file.bytes(), large)).toBe(true);
  });

  test.each([
    [-1, 5],
    [0.5, 5],
    [6, 5],
    [0, large.byteLength + 1],
    [0, Number.NaN],
  ])('refuses %d to %d', async (start, end) => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'a.bin'), large);
    const { models } = await makeWeights({ origin: folder });
    await expect(models.open('a.bin').then((file) => file.read(start, end))).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });
});

test('opens no file that is not there or whose name leads elsewhere', async () => {
  const { models } = await makeWeights({ origin: await makeFolder() });
  for (const name of ['gone.bin', '../x', '', '/etc/passwd', '.env', 'a\0b'])
    await expect(models.open(name)).rejects.toMatchObject({ code: 'ORIGIN_FAILED' });
});

test('prefetches some files, whole and checked', async () => {
  const origin = await startOrigin({ 'a.bin': large, 'b.bin': model });
  const { models } = await makeWeights({ origin: origin.url });
  await models.prefetch(['a.bin', 'b.bin']);
  for (const name of ['a.bin', 'b.bin'])
    expect((await models.open(name)).state()).toMatchObject({ blocks: 4, blocksOnDisk: 4, verified: 'first-use' });
  await expect(models.prefetch('gone.bin')).rejects.toMatchObject({ code: 'ORIGIN_FAILED' });
});

test('rejects what is still being read when it is closed', async () => {
  const origin = await startOrigin({ 'a.bin': large });
  origin.fault = (req) => (req.method === 'GET' && req.url === '/a.bin' ? true : undefined);
  const { models } = await makeWeights({ origin: origin.url });
  const reading = (await models.open('a.bin')).bytes();
  const failed = expect(reading).rejects.toMatchObject({ code: 'ORIGIN_FAILED' });
  await models.close();
  await failed;
});
