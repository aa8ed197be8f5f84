// Never run: tsc -b compiles this file, and an expectation that does not hold is a type error.
import { bytes, type Cache, type Codec, type Loader, type Namespace, type Resolution } from '@kvasir/core';
import { expectTypeOf } from 'vitest';

interface Product {
  readonly id: number;
  readonly name: string;
}

declare const cache: Cache;
declare const productCodec: Codec<Product>;

// The value type is said once and flows.
const products = cache.namespace<Product>('product', {
  ttl: (product) => (expectTypeOf(product).toEqualTypeOf<Product>(), '1m'),
  tags: (product) => [`product:${product.id}`],
});
expectTypeOf(products).toEqualTypeOf<Namespace<Product>>();
expectTypeOf(products.getSync('1')).toEqualTypeOf<Product | undefined>();
expectTypeOf(products.get('1')).resolves.toEqualTypeOf<Product | undefined>();
expectTypeOf(products.getMany(['1', '2'])).resolves.toEqualTypeOf<(Product | undefined)[]>();
expectTypeOf(products.resolve('1', () => ({ id: 1, name: 'mead' }))).resolves.toEqualTypeOf<Resolution<Product>>();

const loaded = products.getOrLoad('1', ({ key, signal, stale }) => {
  expectTypeOf(key).toEqualTypeOf<string>();
  expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
  expectTypeOf(stale?.value).toEqualTypeOf<Product | undefined>();
  return { id: 1, name: 'mead' };
});
expectTypeOf(loaded).resolves.toEqualTypeOf<Product>();

// It also flows from a codec.
expectTypeOf(cache.namespace('product', { codec: productCodec })).toEqualTypeOf<Namespace<Product>>();
expectTypeOf(cache.namespace('tensor', { codec: bytes })).toEqualTypeOf<Namespace<Uint8Array>>();

// A loader may be synchronous or not.
expectTypeOf<() => Product>().toExtend<Loader<Product>>();
expectTypeOf<() => Promise<Product>>().toExtend<Loader<Product>>();

// @ts-expect-error: another value than the namespace keeps
void products.set('1', { id: 'one', name: 'mead' });
// @ts-expect-error: a loader that makes something else
void products.getOrLoad('1', () => 'mead');
// @ts-expect-error: a codec for another type
cache.namespace<Product>('product', { codec: bytes });
// @ts-expect-error: no unit of time
void products.set('1', { id: 1, name: 'mead' }, { ttl: '5 parsecs' });
// @ts-expect-error: tags are strings
void products.set('1', { id: 1, name: 'mead' }, { tags: [1] });
