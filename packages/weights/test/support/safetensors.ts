/** A tensor as a test writes it. */
export interface Written {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A file of a header, as text or as what is to be JSON, and the data after it. */
export function frame(header: string | object, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.byteLength));
  return Buffer.concat([length, json, data]);
}

/** Writes tensors as the reference implementation does: in order, without gaps, header padded with spaces to a multiple of 8. */
export function writeSafetensors(tensors: readonly Written[], metadata?: Readonly<Record<string, string>>): Uint8Array {
  const header: [string, unknown][] = metadata === undefined ? [] : [['__metadata__', metadata]];
  let at = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    header.push([name, { dtype, shape, data_offsets: [at, at + bytes.byteLength] }]);
    at += bytes.byteLength;
  }
  const json = JSON.stringify(Object.fromEntries(header));
  const padded = json.padEnd(Buffer.byteLength(json) % 8 === 0 ? 0 : json.length + 8 - (Buffer.byteLength(json) % 8));
  return frame(padded, Buffer.concat(tensors.map(({ bytes }) => bytes)));
}
