/** What one process tells the others. `sender` is the id of the cache that said it, which ignores its own. */
export type Invalidation = { readonly sender: string } & (
  | { readonly kind: 'delete'; readonly keys: readonly string[] }
  | { readonly kind: 'tags'; readonly stamps: Readonly<Record<string, string>> }
  | { readonly kind: 'clear' }
);

/** Carries invalidations between processes. May lose messages, and must say so. */
export interface Bus {
  publish(message: Invalidation): Promise<void>;
  /**
   * Resolves at once, also when the server is down: `onGap` is called each time that the subscription is (again) confirmed, since a
   * subscriber cannot know what it missed before. The returned function unsubscribes.
   */
  subscribe(on: (message: Invalidation) => void, onGap: () => void): Promise<() => void>;
  close(): Promise<void>;
}
