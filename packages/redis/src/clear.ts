import { listMasters, type RedisClient } from './client.ts';

/** Keys that the server looks at in one SCAN: about a millisecond of its time. */
const PER_CALL = 1_000;

/**
 * Unlinks every key that begins with `prefix`, in bounded steps that let other commands through. Keys written meanwhile may survive.
 * ioredis puts its own `keyPrefix` before the keys of commands, but neither before SCAN's pattern nor off its replies.
 */
export async function clearPrefix(
  client: RedisClient,
  prefix: string,
  unlink: (names: string[]) => Promise<void>,
): Promise<void> {
  const clientPrefix = keyPrefixOf(client);
  const pattern = `${escapeGlob(clientPrefix + prefix)}*`;
  for (const master of listMasters(client)) {
    let cursor = '0';
    do {
      const [next, found] = await master.scan(cursor, 'MATCH', pattern, 'COUNT', PER_CALL);
      const names = found.map((name) => name.slice(clientPrefix.length));
      if (names.length > 0) await unlink(names);
      cursor = next;
    } while (cursor !== '0');
  }
}

function keyPrefixOf(client: RedisClient): string {
  const { options } = client as { readonly options?: { readonly keyPrefix?: string | Buffer | null } };
  return String(options?.keyPrefix ?? '');
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
