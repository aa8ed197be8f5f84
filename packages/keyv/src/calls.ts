import type { KeyvEntry, KeyvInstance } from './instance.ts';

/** In the order asked. What cannot be deserialised is null: it is there, and it is nothing of ours. */
export async function readMany(keyv: KeyvInstance, names: string[]): Promise<unknown[]> {
  const { store } = keyv as unknown as { readonly store: { readonly getMany?: unknown } };
  // Without the store's own getMany, Keyv 5 turns the errors of single reads into "not there".
  if (typeof store.getMany !== 'function') return readEach(keyv, names);
  try {
    return await keyv.getMany(names);
  } catch (error) {
    if (error instanceof SyntaxError) return readEach(keyv, names);
    throw error;
  }
}

function readEach(keyv: KeyvInstance, names: string[]): Promise<unknown[]> {
  return Promise.all(
    names.map(async (name) => {
      try {
        const raw = (await keyv.getRaw(name)) as { readonly value?: unknown } | null | undefined;
        return raw?.value;
      } catch (error) {
        if (error instanceof SyntaxError) return null;
        throw error;
      }
    }),
  );
}

export async function writeMany(keyv: KeyvInstance, entries: KeyvEntry[]): Promise<void> {
  const result = await keyv.setMany(entries);
  // Stores answer with a boolean, one for each entry, or nothing.
  if (result === false || (Array.isArray(result) && result.includes(false)))
    throw new Error('the store refused a write');
}

export async function deleteMany(keyv: KeyvInstance, names: string[]): Promise<void> {
  const result = names.length === 1 ? undefined : await keyv.deleteMany(names);
  const all = Array.isArray(result) ? result : [result];
  if (all.every((done) => done === true)) return;
  // One was not there; some stores stop at that. Keyv 5 and 6 and their stores do not agree on what they answer.
  await Promise.all(names.map((name) => keyv.delete(name)));
}
