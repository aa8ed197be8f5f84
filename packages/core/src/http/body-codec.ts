import type { Codec } from '../codec.ts';
import { sizeOf } from '../size-of.ts';
import type { RecordedResponse } from './recorder.ts';

const LENGTH_BYTES = 4;

/**
 * For values that are a large body and a little JSON: the JSON's length (u32, little-endian), the JSON, the body as it is. Everything but `body`
 * must survive JSON. `isHead` guards against what another version wrote: decoding throws when it says no.
 */
export function bodyCodec<V extends { readonly body: Buffer }>(
  id: string,
  isHead: (head: Record<string, unknown>) => boolean,
): Codec<V> {
  return {
    id,
    encode(value) {
      const { body, ...head } = value;
      const json = Buffer.from(JSON.stringify(head));
      const encoded = Buffer.allocUnsafe(LENGTH_BYTES + json.byteLength + body.byteLength);
      encoded.writeUInt32LE(json.byteLength);
      encoded.set(json, LENGTH_BYTES);
      encoded.set(body, LENGTH_BYTES + json.byteLength);
      return encoded;
    },
    decode(bytes) {
      const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const end = LENGTH_BYTES + source.readUInt32LE();
      if (end > source.byteLength) throw new RangeError(`${id}: head of ${end} bytes in ${source.byteLength}`);
      const head: unknown = JSON.parse(source.toString('utf8', LENGTH_BYTES, end));
      if (typeof head !== 'object' || head === null || !isHead(head as Record<string, unknown>))
        throw new TypeError(`${id}: unexpected head`);
      return { ...head, body: Buffer.from(source.subarray(end)) } as unknown as V;
    },
    sizeOf,
  };
}

/** A {@link RecordedResponse} as bytes; the body is copied once each way. */
export const responseCodec: Codec<RecordedResponse> = bodyCodec<RecordedResponse>(
  'http-response',
  ({ status, statusMessage, headers }) =>
    typeof status === 'number' && typeof statusMessage === 'string' && Array.isArray(headers) && headers.every(isField),
);

function isField(field: unknown): boolean {
  return Array.isArray(field) && typeof field[0] === 'string' && typeof field[1] === 'string';
}
