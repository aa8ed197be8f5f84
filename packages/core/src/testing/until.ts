/**
 * Resolves with the first answer of `look` that is not undefined or false; rejects after `timeoutMs` (default 5,000), naming `what`. For real servers,
 * whose time cannot be moved.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  timeoutMs = 5_000,
): Promise<Exclude<T, undefined | false>> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
    if (performance.now() > giveUpAt) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
  }
}
