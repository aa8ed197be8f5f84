import { randomBytes } from 'node:crypto';

const TOKEN = /^[A-Za-z0-9_-]{16}$/;

/**
 * What separates the entries before a `clear` from those after it.
 *
 * A Keyv cannot be cleared in part: its own `clear` empties a namespace, or all that a Map holds. So every key carries the token of its
 * generation, the current token is kept in the store, and clearing replaces it: O(1). Older entries are out of reach at once and leave by their time to live.
 * A token that was lost is replaced by a new one: everything is a miss, nothing comes back.
 */
export interface Generation {
  /** The token as last seen; undefined before the first look. */
  readonly known: string | undefined;
  /** Looks into the store, and begins a generation where there is none. */
  learn(): Promise<string>;
  /** Takes in what a read has found under the token's key. */
  see(value: unknown): string | undefined;
  /** Begins a new one. */
  replace(): Promise<void>;
}

export function makeGeneration(read: () => Promise<unknown>, write: (token: string) => Promise<void>): Generation {
  let known: string | undefined;
  let begun = 0;
  let beginning: Promise<string> | undefined;

  function see(value: unknown): string | undefined {
    known = typeof value === 'string' && TOKEN.test(value) ? value : undefined;
    return known;
  }

  async function begin(): Promise<string> {
    const token = randomBytes(12).toString('base64url');
    await write(token);
    begun += 1;
    known = token;
    return token;
  }

  return {
    get known() {
      return known;
    },
    see,
    async learn() {
      const before = begun;
      const value = await read();
      // What was read before a generation was begun here says nothing about it.
      if (begun !== before && known !== undefined) return known;
      const seen = see(value);
      if (seen !== undefined) return seen;
      beginning ??= begin().finally(() => {
        beginning = undefined;
      });
      return beginning;
    },
    async replace() {
      await begin();
    },
  };
}
