import type { KvasirErrorCode } from '@kvasir/core';

/** What happened to a file. Carries names, sizes and digests; never bytes, never the origin's URL. */
export type WeightsEvent =
  /** A range of the origin is being read, `end` not included. */
  | { readonly type: 'fetch'; readonly name: string; readonly start: number; readonly end: number }
  /** The whole file was seen; `independent` as in {@link Verification}. */
  | { readonly type: 'sealed'; readonly name: string; readonly sha256: string; readonly independent: boolean }
  /** The origin has another version; blocks of the old one are dropped. */
  | { readonly type: 'changed'; readonly name: string }
  /** A disk that cannot be written or gave back damaged bytes, an origin that failed, a file that failed its digest. */
  | {
      readonly type: 'error';
      readonly name: string | undefined;
      readonly code: KvasirErrorCode;
      readonly error: unknown;
    };

export type Emit = (event: WeightsEvent) => void;
