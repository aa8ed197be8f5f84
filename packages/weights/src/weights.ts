import type { IncomingMessage, ServerResponse } from 'node:http';
import { createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { noDisk } from './disk/disk.ts';
import { FolderDisk } from './disk/folder-disk.ts';
import type { WeightsEvent } from './events.ts';
import { originFailed } from './fault.ts';
import { Library } from './library.ts';
import { resolveOptions, type WeightsOptions } from './options.ts';
import { FolderOrigin } from './origin/folder-origin.ts';
import { HttpOrigin } from './origin/http-origin.ts';
import { serve } from './serve/serve.ts';
import { openFile, type WeightFile } from './weight-file.ts';

/** Hot blocks, when no cache is given: a mid-size model, or the much-asked parts of some. */
const MEMORY_BYTES = '256MB';

/** Express middleware, and the same files for the process itself. */
export interface Weights {
  (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void;
  /** Rejects with ORIGIN_FAILED when there is no such file, or the origin cannot say. */
  open(name: string): Promise<WeightFile>;
  /** Resolves when these files are here, whole and verified; one after the other. */
  prefetch(names: string | readonly string[]): Promise<void>;
  /** Drops a file from memory, remote tiers and disk; reads of it that are under way end. */
  forget(name: string): Promise<void>;
  /** Returns the function that stops listening. A listener that throws is ignored. */
  on(listener: (event: WeightsEvent) => void): () => void;
  /** Ends what is being read, for clients too. A cache that was passed in stays open. */
  close(): Promise<void>;
}

/** Throws INVALID_OPTION. Nothing is read or written before the first request. */
export function weights(options: WeightsOptions): Weights {
  const settings = resolveOptions(options);
  const { clock } = settings;
  const listeners = new Set<(event: WeightsEvent) => void>();
  const emit = (event: WeightsEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch {
        // A listener's fault is not a reader's.
      }
    }
  };
  const origin =
    typeof settings.origin === 'string'
      ? new FolderOrigin(settings.origin)
      : new HttpOrigin({ ...settings, base: settings.origin });
  const disk = origin.isLocal
    ? noDisk
    : new FolderDisk({
        ...settings,
        origin: origin.id,
        maxBytes: settings.maxDiskBytes,
        report: (error, name) => emit({ type: 'error', name, code: error.code, error }),
      });
  const cache = settings.cache ?? createCache({ tiers: [memory({ maxBytes: MEMORY_BYTES, clock })], clock });
  const library = new Library({ origin, disk, cache, settings, emit });

  function middleware(req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void {
    void respond(req, res, next);
  }

  async function respond(...[req, res, next]: Parameters<typeof middleware>): Promise<void> {
    try {
      await serve({ library, origin, settings }, req, res, next);
    } catch (error) {
      next(error);
    }
  }

  async function open(name: string): Promise<WeightFile> {
    const found = await library.find(name);
    if (found === undefined) throw originFailed(name, 'there is no such file', { kind: 'missing' });
    return openFile(found.version, settings.verify);
  }

  return Object.assign(middleware, {
    open,
    async prefetch(names: string | readonly string[]) {
      for (const name of typeof names === 'string' ? [names] : names) await (await open(name)).verify();
    },
    forget: (name: string) => library.forget(name),
    on(listener: (event: WeightsEvent) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      await library.close();
      if (settings.cache === undefined) await cache.close();
    },
  });
}
