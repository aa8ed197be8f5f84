/** A store whose every call fails: by rejecting, or silently with an `error` event, as @keyv/redis does. */
export function failingStore({ batches, silent }: { batches: boolean; silent: boolean }): object {
  let emit: (error: Error) => void = () => {};
  const fail = async (): Promise<undefined> => {
    const error = new Error('disk on fire');
    if (!silent) throw error;
    emit(error);
    return undefined;
  };
  const single = {
    opts: {},
    get: fail,
    set: fail,
    delete: fail,
    clear: fail,
    on(_event: string, listener: (error: Error) => void) {
      emit = listener;
    },
  };
  return batches ? { ...single, getMany: fail, setMany: fail, deleteMany: fail } : single;
}

export function mapStore(map: Map<string, string>): object {
  return {
    opts: {},
    get: async (key: string) => map.get(key),
    set: async (key: string, value: string) => void map.set(key, value),
    delete: async (key: string) => map.delete(key),
    clear: async () => map.clear(),
  };
}

/** Keeps what JSON keeps of the objects it is given, as document databases do. */
export function jsonStore(): object {
  const map = new Map<string, string>();
  return {
    ...mapStore(map),
    get: async (key: string) => JSON.parse(map.get(key) ?? 'null') as unknown,
    set: async (key: string, value: unknown) => void map.set(key, JSON.stringify(value)),
  };
}

export function write(key: string, ...bytes: number[]): { key: string; bytes: Uint8Array; ttlMs: number } {
  return { key, bytes: Uint8Array.from(bytes), ttlMs: 60_000 };
}
