/** What happened in a cache. Carries keys, tags and numbers; never values, never a loader's error message. */
export type CacheEvent =
  | { readonly type: 'hit' | 'stale'; readonly key: string; readonly tier: string }
  | { readonly type: 'miss' | 'join' | 'admit' | 'reject' | 'evict' | 'expire'; readonly key: string }
  | { readonly type: 'load'; readonly key: string; readonly durationMs: number; readonly ok: boolean }
  | { readonly type: 'prefetch' | 'prefetch-used' | 'prefetch-wasted'; readonly key: string }
  | {
      readonly type: 'invalidate';
      readonly keys: readonly string[];
      readonly tags: readonly string[];
      readonly all: boolean;
    }
  | { readonly type: 'breaker'; readonly tier: string; readonly state: 'open' | 'closed' }
  | { readonly type: 'error'; readonly code: KvasirErrorCode; readonly key?: string; readonly error: unknown };

import type { KvasirErrorCode } from './errors.ts';
