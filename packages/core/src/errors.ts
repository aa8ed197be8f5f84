/** Every code a {@link KvasirError} can carry; docs/errors.md tells what each means and what to do. */
export type KvasirErrorCode =
  | 'INVALID_OPTION'
  | 'INVALID_KEY'
  | 'INVALID_TAG'
  | 'INVALID_ENTRY'
  | 'LOAD_TIMEOUT'
  | 'CLOSED'
  | 'CORRUPT_ENVELOPE'
  | 'UNSUPPORTED_VERSION'
  | 'CODEC_MISMATCH'
  | 'ENCODE_FAILED'
  | 'DECODE_FAILED'
  | 'VALUE_TOO_LARGE'
  | 'REMOTE_FAILED'
  | 'REMOTE_TIMEOUT'
  | 'REMOTE_UNAVAILABLE'
  | 'BUS_FAILED'
  | 'LEASE_FAILED'
  | 'UNVERIFIED'
  | 'ORIGIN_FAILED'
  | 'INVALID_TRACE';

const BRAND = Symbol.for('kvasir.error');

/** The one error class of all packages. Branded, so that `instanceof` holds across two copies of the package. */
export class KvasirError extends Error {
  readonly code: KvasirErrorCode;

  constructor(code: KvasirErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'KvasirError';
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
