import type { CacheStats } from '@kvasir/core';

export type ScenarioId = 'inference' | 'weights' | 'query' | 'web';

export interface Scenario {
  readonly id: ScenarioId;
  readonly title: string;
  readonly what: string;
  /** Paths are relative to the showcase. */
  readonly request: {
    readonly path: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  /** The example's own page. */
  readonly link: string;
  readonly image?: string;
  /** How many requests at once the page's button sends. */
  readonly crowd: number;
  /** The next request is a cold one. */
  readonly forget: () => Promise<void>;
  readonly stats: () => CacheStats;
  /** What of an answer fits on a line. */
  readonly excerpt: (body: Buffer) => string;
}

/** What a browser needs to know of a scenario. */
export function describe({ id, title, what, request, link, image, crowd }: Scenario): object {
  return { id, title, what, request, link, image, crowd };
}
