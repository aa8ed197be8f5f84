import { structured } from '@kvasir/core';
import { Packr } from 'msgpackr';
import type { Bench, Contender } from '../shared/bench.ts';
import { consume, timeSync } from '../shared/cpu.ts';

interface Codec {
  encode(value: unknown): Uint8Array | string;
  decode(encoded: Uint8Array | string): unknown;
}

const page = '<article><h1>Mead</h1><p>Poetry for whoever drinks of it.</p></article>'.repeat(430);

const values: Readonly<Record<string, unknown>> = {
  'small object': { id: 1234, name: 'mead of poetry', price: 12.5, inStock: true, tags: ['drink', 'gift'] },
  '30 KB page': { status: 200, headers: [['content-type', 'text/html']], body: page.slice(0, 30 * 1024) },
  'embedding of 1,536 floats': Float32Array.from({ length: 1536 }, (_, i) => Math.sin(i)),
};

/** JSON has no typed arrays: the nearest to one is an array. */
const json: Codec = {
  encode: (value) => JSON.stringify(value instanceof Float32Array ? [...value] : value),
  decode: (encoded) => JSON.parse(String(encoded)) as unknown,
};

function msgpackr(): Codec {
  // What it takes to keep as much as structured clone does.
  const packr = new Packr({ structuredClone: true, moreTypes: true });
  return { encode: (value) => packr.pack(value), decode: (encoded) => packr.unpack(encoded as Uint8Array) };
}

function contend(codec: Codec): Contender {
  return {
    measure(scenario) {
      const value = values[scenario];
      const encoded = codec.encode(value);
      return {
        'ns to encode': timeSync(500, () => {
          for (let i = 0; i < 500; i += 1) consume(codec.encode(value));
        }),
        'ns to decode': timeSync(500, () => {
          for (let i = 0; i < 500; i += 1) consume(codec.decode(encoded));
        }),
        bytes: Buffer.byteLength(encoded),
      };
    },
  };
}

export const bench: Bench = {
  title: 'Codecs',
  about:
    'Turning a value into bytes and back. The floor is what `@kvasir/core` does by itself: `node:v8` structured clone, without a dependency.',
  scenarios: Object.keys(values),
  contenders: {
    'kvasir structured()': () => contend(structured() as Codec),
    msgpackr: () => contend(msgpackr()),
    JSON: () => contend(json),
  },
  packages: ['msgpackr'],
};
