import type { Invalidation } from '@kvasir/core';

/** One message on the channel. Without an invalidation it says: something of mine did not get through. */
export interface Frame {
  /** Random, of the sending bus. */
  readonly from: string;
  /** Counts the frames of that bus from 1, lost ones too. */
  readonly sequence: number;
  readonly message: Invalidation | undefined;
}

const VERSION = 1;
/** Characters. What does not fit is told as a gap, which costs every process a re-read of its stamps. */
const MAX_LENGTH = 1_000_000;

export function encodeFrame({ from, sequence, message }: Frame): string {
  const text = JSON.stringify({ v: VERSION, from, sequence, message });
  return text.length <= MAX_LENGTH ? text : JSON.stringify({ v: VERSION, from, sequence });
}

/** undefined for what is not a frame of this version. */
export function decodeFrame(text: string): Frame | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(parsed)) return undefined;
  const { v, from, sequence, message } = parsed;
  if (v !== VERSION || typeof from !== 'string' || from.length > 64) return undefined;
  if (!Number.isSafeInteger(sequence) || (message !== undefined && !isInvalidation(message))) return undefined;
  return { from, sequence: sequence as number, message };
}

function isInvalidation(value: unknown): value is Invalidation {
  if (!isRecord(value) || typeof value['sender'] !== 'string') return false;
  const { kind, keys, stamps } = value;
  if (kind === 'delete') return isStrings(keys);
  if (kind === 'tags') return isRecord(stamps) && isStrings(Object.values(stamps));
  return kind === 'clear';
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
