export { type CachedPool, cachedPool } from './cached-pool.ts';
export { type QueryMiddleware, type QueryOptions, query } from './middleware.ts';
export { type CachedPoolOptions, DEFAULTS } from './options.ts';
export type { PgPool } from './pg-shape.ts';
