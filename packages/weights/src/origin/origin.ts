import type { Description, Validators } from '../description.ts';
import type { ExpectedDigest } from '../digest.ts';
import type { Span } from '../range.ts';

/** What an origin says of a file, before its version is known. */
export interface Seen {
  readonly size: number;
  readonly validators: Validators;
  /** The digest that the origin vouches for, if it does. */
  readonly expected: ExpectedDigest | undefined;
}

/** Bytes of a file on their way. Whoever gets one must read `body` to its end or end its iteration. */
export interface Part {
  /** What `body` holds if it is not cut short; may be less than was asked, or the whole file when `isWhole`. */
  readonly span: Span;
  /** The origin knows no ranges. */
  readonly isWhole: boolean;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Where files come from. Rejections are ORIGIN_FAILED with a {@link Fault}. */
export interface Origin {
  /** Distinguishes origins: a hash, since a URL may be secret. */
  readonly id: string;
  /** Its reads cost no network. */
  readonly isLocal: boolean;
  /** Undefined when there is no such file. */
  look(name: string, signal: AbortSignal): Promise<Seen | undefined>;
  /** The text of a small file, undefined when there is none. */
  text(name: string, signal: AbortSignal): Promise<string | undefined>;
  /** Rejects with a `changed` fault when the file is no longer the one described; so does its body when it notices later. */
  fetch(description: Description, span: Span, signal: AbortSignal): Promise<Part>;
  close(): void;
}
