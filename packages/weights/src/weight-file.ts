import { invalidOption, KvasirError } from '@kvasir/core';
import type { Span } from './range.ts';
import { type Dtype, type TensorData, viewAs } from './safetensors/dtype.ts';
import { headerLength, PREFIX_BYTES, parseHeader, type TensorInfo } from './safetensors/header.ts';
import type { Version } from './version.ts';

/** `independent`: the digest was known from elsewhere. `first-use`: it is the first that was seen. `none`: the file was not seen whole yet. */
export type Verification = 'independent' | 'first-use' | 'none';

export interface FileState {
  readonly blocks: number;
  /** Of those, how many are on disk. Always 0 for a folder origin, which needs no copies. */
  readonly blocksOnDisk: number;
  readonly verified: Verification;
  /** Hex; undefined as long as it is not known. */
  readonly sha256: string | undefined;
}

export interface Tensor {
  readonly name: string;
  readonly dtype: Dtype;
  /** Row-major; empty for a scalar. */
  readonly shape: readonly number[];
  /** The caller's own copy. Its type follows the dtype, see {@link viewAs}. */
  readonly data: TensorData;
}

/**
 * One version of one file. Everything it returns is the caller's own copy. When the file changes at the origin, reads reject with
 * ORIGIN_FAILED and it must be opened again.
 */
export interface WeightFile {
  readonly name: string;
  readonly size: number;
  /** With its quotes, as in the ETag field. */
  readonly etag: string;
  state(): FileState;
  /** Bytes `start` to `end`, `end` not included. Not verified before the whole file is, unless `verify` is `full`. */
  read(start: number, end: number): Promise<Uint8Array>;
  /** The whole file, verified. */
  bytes(): Promise<Uint8Array>;
  /** Brings the whole file, checks it and gives its sha256 as hex. Rejects with UNVERIFIED. */
  verify(): Promise<string>;
  /** The tensors of a safetensors file, in the order of their bytes. Rejects with DECODE_FAILED when it is none. */
  tensors(): Promise<readonly TensorInfo[]>;
  /** Reads the bytes of this tensor and no others. Rejects with DECODE_FAILED when there is none of that name. */
  tensor(name: string): Promise<Tensor>;
}

export function openFile(version: Version, verify: 'stream' | 'full'): WeightFile {
  const { name, size } = version.description;
  let header: Promise<ReadonlyMap<string, TensorInfo>> | undefined;

  async function read(start: number, end: number): Promise<Uint8Array> {
    if (!Number.isSafeInteger(start) || start < 0) throw invalidOption('read start', 'a byte offset', start);
    if (!Number.isSafeInteger(end) || end < start || end > size)
      throw invalidOption('read end', `${start} to ${size}`, end);
    if (verify === 'full') await version.verify();
    return await collect(version, { start, end });
  }

  async function readHeader(): Promise<ReadonlyMap<string, TensorInfo>> {
    const length = headerLength(await read(0, Math.min(PREFIX_BYTES, size)), size);
    return parseHeader(await read(PREFIX_BYTES, PREFIX_BYTES + length), size);
  }

  function tensorMap(): Promise<ReadonlyMap<string, TensorInfo>> {
    if (header === undefined) {
      header = readHeader();
      header.catch(() => {
        header = undefined;
      });
    }
    return header;
  }

  return {
    name,
    size,
    etag: version.etag,
    state: () => stateOf(version),
    read,
    async bytes() {
      await version.verify();
      return await collect(version, { start: 0, end: size });
    },
    async verify() {
      const seal = await version.verify();
      await version.idle();
      return seal.sha256;
    },
    tensors: async () => [...(await tensorMap()).values()],
    async tensor(tensorName) {
      const info = (await tensorMap()).get(tensorName);
      if (info === undefined)
        throw new KvasirError('DECODE_FAILED', `${name}: no tensor ${JSON.stringify(tensorName)}`);
      const { dtype, shape, start, end } = info;
      return { name: tensorName, dtype, shape, data: viewAs(dtype, await read(start, end)) };
    },
  };
}

/** Copies into a buffer of its own, which begins at offset 0 and is so aligned for every typed array. */
async function collect(version: Version, span: Span): Promise<Uint8Array> {
  const target = new Uint8Array(span.end - span.start);
  let at = 0;
  for await (const part of version.read(span)) {
    target.set(part, at);
    at += part.byteLength;
  }
  return target;
}

function stateOf(version: Version): FileState {
  const { seal } = version;
  return {
    blocks: version.count,
    blocksOnDisk: version.countKept(),
    verified: seal === undefined ? 'none' : seal.independent ? 'independent' : 'first-use',
    sha256: seal?.sha256,
  };
}
