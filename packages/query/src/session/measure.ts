import { digest } from '../key.ts';
import type { Client, Field, Result, ResultClass, TypeParsers } from '../pg-shape.ts';
import { SETTINGS } from './settings.ts';

/** How one connection sees the database, asked of the server itself: it is never concluded from the statements that were sent. */
export interface Session {
  /** Connections with one id answer alike. */
  readonly id: string;
  /** Names the database, whoever asks: host, port, database name. Part of every tag. */
  readonly database: string;
  /** False on a replica, whose lag no invalidation knows, and while the connection has temporary tables, which hide others. */
  readonly isCacheable: boolean;
  readonly Result: ResultClass;
  readonly fieldPrototype: object | null;
  /** The type parsers of the connection. */
  readonly types: TypeParsers | undefined;
}

const SQL = `SELECT pg_catalog.pg_is_in_recovery() OR EXISTS (
SELECT FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema()) AS unfit,
pg_catalog.json_build_array(current_user, session_user,
${SETTINGS.map((name) => `pg_catalog.current_setting('${name}', true)`).join(', ')})::text AS context`;

/** Asks the connection. `ask` sends a query on it. */
export async function measure(client: Client, ask: (config: object) => Promise<Result>): Promise<Session> {
  const result = await ask({ text: SQL });
  const row = result.rows[0] as { unfit: unknown; context: string };
  const field: Field | undefined = result.fields[0];
  return {
    id: digest(databaseOf(client), String(client.user), row.context),
    database: databaseOf(client),
    // A caller's own parser for booleans is not trusted to make booleans.
    isCacheable: row.unfit === false || row.unfit === 'f',
    Result: result.constructor as ResultClass,
    fieldPrototype: field === undefined ? null : Object.getPrototypeOf(field),
    types: result._types,
  };
}

/** Host, port and database name as the connection was told them, digested. Processes that share a cache must say them alike. */
export function databaseOf({ host, port, database }: Client): string {
  return digest(String(host), String(port), String(database)).slice(0, 16);
}
