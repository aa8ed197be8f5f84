import { KvasirError } from '@kvasir/core';
import { byteLength, type Dtype, isDtype } from './dtype.ts';

/** Of the header's length, before the JSON. */
export const PREFIX_BYTES = 8;
/** The limit of the reference implementation: guards against files that claim a header of terabytes. */
const MAX_HEADER_BYTES = 100_000_000;

export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  /** Row-major; empty for a scalar. */
  readonly shape: readonly number[];
  /** Bytes of the file, `end` not included. */
  readonly start: number;
  readonly end: number;
}

/** How long the header is, by the first eight bytes of a file of `size` bytes. Throws DECODE_FAILED. */
export function headerLength(prefix: Uint8Array, size: number): number {
  if (size < PREFIX_BYTES || prefix.byteLength < PREFIX_BYTES) throw malformed('it is shorter than its length field');
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES || Number(length) > size - PREFIX_BYTES) throw malformed('its header is too long');
  return Number(length);
}

/**
 * The tensors that a header names, in the order of their bytes. Holds the header to the format: an object, tensors that fill the file from
 * the header's end to its own without gap and without sharing a byte, each as long as dtype and shape say. Throws DECODE_FAILED.
 */
export function parseHeader(header: Uint8Array, size: number): ReadonlyMap<string, TensorInfo> {
  if (header[0] !== 0x7b) throw malformed('its header does not begin with {');
  const tensors = Object.entries(parseJson(header))
    .filter(([name, value]) => name !== '__metadata__' || !checkMetadata(value))
    .map(([name, value]) => parseTensor(name, value, PREFIX_BYTES + header.byteLength))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let at = PREFIX_BYTES + header.byteLength;
  for (const { name, start, end } of tensors) {
    if (start !== at) throw malformed(`${shown(name)} does not begin where the tensor before it ends`);
    at = end;
  }
  if (at !== size) throw malformed('its tensors do not end where the file ends');
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

function parseJson(header: Uint8Array): object {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Answered below: the parser's words would show pieces of the file.
  }
  throw malformed('its header is not JSON');
}

function checkMetadata(value: unknown): true {
  const isText =
    typeof value === 'object' && value !== null && Object.values(value).every((v) => typeof v === 'string');
  if (!isText || Array.isArray(value)) throw malformed('its metadata is not text by name');
  return true;
}

function parseTensor(name: string, value: unknown, dataStart: number): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (!isDtype(dtype)) throw malformed(`${shown(name)} has an unknown dtype`);
  if (!isCounts(shape)) throw malformed(`${shown(name)} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) throw malformed(`${shown(name)} has no valid data_offsets`);
  const [start = 0, end = 0] = offsets;
  if (end < start || byteLength(dtype, shape) !== end - start)
    throw malformed(`${shown(name)} is not as long as its dtype and shape say`);
  return { name, dtype, shape, start: dataStart + start, end: dataStart + end };
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function malformed(what: string): KvasirError {
  return new KvasirError('DECODE_FAILED', `not a safetensors file: ${what}`);
}
