import type { Relation } from './catalog/catalog.ts';
import { digest } from './key.ts';

/** Carried by every entry of a database: invalidated when there is no telling what changed. */
export function databaseTag(database: string): string {
  return `database:${database}`;
}

/** Tags end at 512 characters; names of PostgreSQL at 63 bytes each, unless it was built otherwise. */
const LONGEST_NAME = 256;

export function tableTag(database: string, { schema, name }: Relation): string {
  const full = `${schema}.${name}`;
  return `table:${database}/${full.length > LONGEST_NAME ? digest(full) : full}`;
}
