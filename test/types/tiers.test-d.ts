// Never run: tsc -b compiles this file, and an expectation that does not hold is a type error.
import { type Cache, createCache, type LocalStore, type RemoteStore } from '@kvasir/core';
import { expectTypeOf } from 'vitest';

declare const local: LocalStore;
declare const remote: RemoteStore;

expectTypeOf(createCache({ tiers: [local] })).toEqualTypeOf<Cache>();
expectTypeOf(createCache({ tiers: [remote] })).toEqualTypeOf<Cache>();
expectTypeOf(createCache({ tiers: [local, remote], ttl: '1m', grace: 0 })).toEqualTypeOf<Cache>();

// @ts-expect-error: a local tier after a remote one
createCache({ tiers: [remote, local] });
// @ts-expect-error: two local tiers
createCache({ tiers: [local, local] });
// @ts-expect-error: no tier at all
createCache({ tiers: [] });
// @ts-expect-error: tiers are not optional
createCache({});
// @ts-expect-error: an option that there is not
createCache({ tiers: [local], timeToLive: '1m' });
