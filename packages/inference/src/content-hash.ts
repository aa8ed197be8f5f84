import { createHash, type Hash } from 'node:crypto';

/**
 * SHA-256 of what values are, not of how they came to be: kind, length and content of every part, so that no two different inputs meet.
 * Float32Array [1, 2] and Int32Array [1, 2] differ, as do 1 and '1', 0 and -0, a tensor of [2, 3] and one of [3, 2]; the order of an object's
 * properties does not matter, that of a Map or Set does. Undefined for what has no content to hash: functions, symbols, class
 * instances that are no tensors (`{ data, dims }`), cycles.
 */
export function hashContent(values: readonly unknown[]): string | undefined {
  const hash = createHash('sha256');
  try {
    add(hash, values, 0);
  } catch {
    return undefined;
  }
  return hash.digest('base64url');
}

/** Deeper values are taken for cyclic. */
const MAX_DEPTH = 100;
const LONE_SURROGATE = /\p{Surrogate}/u;

function add(hash: Hash, value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError('nested too deep');
  switch (typeof value) {
    case 'string':
      return addString(hash, value);
    case 'number':
      return mark(hash, Object.is(value, -0) ? 'number -0' : `number ${value}`);
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return mark(hash, `${typeof value} ${value}`);
    case 'object':
      return value === null ? mark(hash, 'null') : addObject(hash, value, depth);
    case 'function':
    case 'symbol':
      throw new TypeError(`a ${typeof value} has no content`);
  }
}

/** Ends each mark, so that none is the beginning of another. */
function mark(hash: Hash, text: string): void {
  hash.update(`${text};`);
}

function addString(hash: Hash, text: string): void {
  // In UTF-8 every lone surrogate would be the same replacement character.
  const encoding = LONE_SURROGATE.test(text) ? 'utf16le' : 'utf8';
  mark(hash, `string ${encoding} ${Buffer.byteLength(text, encoding)}`);
  hash.update(text, encoding);
}

function addBytes(hash: Hash, kind: string, bytes: Uint8Array): void {
  mark(hash, `${kind} ${bytes.byteLength}`);
  hash.update(bytes);
}

function addObject(hash: Hash, value: object, depth: number): void {
  if (ArrayBuffer.isView(value))
    return addBytes(hash, kindOf(value), new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return addBytes(hash, kindOf(value), new Uint8Array(value));
  if (Array.isArray(value)) return addAll(hash, 'array', value, depth);
  if (value instanceof Date) return mark(hash, `date ${value.getTime()}`);
  if (value instanceof Map) return addAll(hash, 'map', [...value].flat(), depth);
  if (value instanceof Set) return addAll(hash, 'set', [...value], depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return addProperties(hash, value, depth);
  if (isTensor(value)) return addAll(hash, 'tensor', [value.type, value.dims, value.data], depth);
  throw new TypeError('an instance of a class has no known content');
}

/** The bytes of a Buffer and a Uint8Array may be the same, but what a function does with them need not be. */
function kindOf(value: object): string {
  return Buffer.isBuffer(value) ? 'Buffer' : Object.prototype.toString.call(value);
}

function addAll(hash: Hash, kind: string, parts: readonly unknown[], depth: number): void {
  mark(hash, `${kind} ${parts.length}`);
  for (const part of parts) add(hash, part, depth + 1);
}

function addProperties(hash: Hash, value: object, depth: number): void {
  if (Object.getOwnPropertySymbols(value).length > 0) throw new TypeError('a symbol has no content');
  const properties = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  mark(hash, `object ${properties.length}`);
  for (const [name, part] of properties) {
    addString(hash, name);
    add(hash, part, depth + 1);
  }
}

/** As onnxruntime, TensorFlow.js and others make them: `data` flat, row-major, of shape `dims`. */
interface Tensor {
  readonly type?: unknown;
  readonly dims: readonly number[];
  readonly data: ArrayBufferView;
}

function isTensor(value: object): value is Tensor {
  const { dims, data } = value as Partial<Tensor>;
  return Array.isArray(dims) && ArrayBuffer.isView(data);
}
