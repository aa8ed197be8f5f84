import { invalidOption } from '@kvasir/core';

/** The part of a Keyv (5.6+ or 6) that is used here. */
export interface KeyvInstance {
  readonly namespace?: string | undefined;
  getMany(keys: string[]): Promise<unknown[]>;
  getRaw(key: string): Promise<unknown>;
  setMany(entries: KeyvEntry[]): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  deleteMany(keys: string[]): Promise<unknown>;
  on(event: string, listener: (error: unknown) => void): unknown;
  off(event: string, listener: (error: unknown) => void): unknown;
}

export interface KeyvEntry {
  readonly key: string;
  readonly value: unknown;
  /** Milliseconds; 0 is "without end", also where the Keyv has a default. */
  readonly ttl: number;
}

const METHODS = ['getMany', 'getRaw', 'setMany', 'delete', 'deleteMany', 'on', 'off'];

/** Throws INVALID_OPTION unless `keyv` looks like a Keyv; its storage adapters do not. */
export function checkKeyv(option: string, keyv: unknown): void {
  if (typeof keyv === 'object' && keyv !== null && 'store' in keyv) {
    const methods = keyv as unknown as Record<string, unknown>;
    if (METHODS.every((name) => typeof methods[name] === 'function')) return;
  }
  throw invalidOption(option, 'a Keyv of version 5.6 or newer', keyv);
}
