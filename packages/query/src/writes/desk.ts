import type { Cache } from '@kvasir/core';
import type { Catalogs } from '../catalog/catalogs.ts';
import { resolveWrites } from '../catalog/resolve.ts';
import type { Client } from '../pg-shape.ts';
import { databaseOf } from '../session/measure.ts';
import type { Sessions } from '../session/sessions.ts';
import type { Analysis } from '../sql/analysis.ts';
import type { Analyses } from '../sql/parser.ts';
import { databaseTag, tableTag } from '../tags.ts';
import type { Ledger } from './ledger.ts';

export interface DeskParts {
  readonly cache: Cache;
  readonly ledger: Ledger;
  readonly sessions: Sessions;
  readonly catalogs: Catalogs;
  readonly analyses: Analyses;
}

/** What a statement does to what is cached. */
export interface Effect {
  /** Of what it writes; the database's own where that cannot be said. */
  readonly tags: readonly string[];
  /** The connection may answer otherwise afterwards. */
  readonly doubtsSession: boolean;
}

/** What all watches of a pool work with. */
export class Desk {
  readonly cache: Cache;
  readonly ledger: Ledger;
  readonly sessions: Sessions;
  readonly catalogs: Catalogs;
  readonly analyses: Analyses;

  constructor({ cache, ledger, sessions, catalogs, analyses }: DeskParts) {
    this.cache = cache;
    this.ledger = ledger;
    this.sessions = sessions;
    this.catalogs = catalogs;
    this.analyses = analyses;
  }

  effectOf(analysis: Analysis, client: Client): Effect {
    if (doesNothing(analysis)) return { tags: [], doubtsSession: analysis.changesSession };
    const session = this.sessions.of(client);
    const catalog = session === undefined ? undefined : this.catalogs.latest(session);
    if (session === undefined || catalog === undefined)
      return {
        tags: [this.everything(client)],
        doubtsSession: analysis.changesSession || analysis.functions.length > 0,
      };
    const { tables } = resolveWrites(analysis, catalog);
    // Where there are temporary relations, one of the name may be a view of another table.
    const isTold = tables !== undefined && (tables.length === 0 || session.isCacheable);
    return {
      tags: isTold ? tables.map((table) => tableTag(session.database, table)) : [this.everything(client)],
      doubtsSession: analysis.changesSession || tables === undefined,
    };
  }

  /** Whether a statement that is sent to some connection of the pool may write. */
  mayWrite(analysis: Analysis): boolean {
    if (doesNothing(analysis)) return false;
    const session = this.sessions.last;
    const catalog = session === undefined ? undefined : this.catalogs.latest(session);
    return catalog === undefined || resolveWrites(analysis, catalog).tables?.length !== 0;
  }

  everything(client: Client): string {
    return databaseTag(databaseOf(client));
  }

  schemaChanged(client: Client): void {
    this.ledger.advance(databaseOf(client));
  }

  /** A cache that fails to invalidate has said so in an event; the write itself must not fail for it. */
  async invalidate(tags: readonly string[]): Promise<void> {
    if (tags.length > 0) await this.cache.invalidateTags(...tags).catch(() => undefined);
  }
}

function doesNothing({ isOpaque, changesSchema, writes, reads, functions }: Analysis): boolean {
  return !isOpaque && !changesSchema && writes.length + reads.length + functions.length === 0;
}
