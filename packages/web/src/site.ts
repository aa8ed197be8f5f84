import type { Namespace } from '@kvasir/core';
import { Uncacheable, Variants } from './bounded.ts';
import type { Settings } from './options.ts';
import { isPage, type Page, pageCodec, type Refusal } from './page.ts';

/** What the requests to one `web()` share. */
export interface Site {
  readonly settings: Settings;
  readonly pages: Namespace<Page | Refusal>;
  readonly uncacheable: Uncacheable;
  readonly variants: Variants;
}

export function openSite(settings: Settings): Site {
  const pages = settings.cache.namespace<Page | Refusal>('web', {
    codec: pageCodec,
    ttl: (loaded) => (isPage(loaded) ? Math.max(0, loaded.freshUntil - settings.clock.now()) : 0),
    tags: (loaded) => (isPage(loaded) ? loaded.tags : []),
    grace: 0,
    // A load is a request of its own: without one there is nobody to answer.
    refreshBehind: false,
  });
  return { settings, pages, uncacheable: new Uncacheable(), variants: new Variants() };
}
