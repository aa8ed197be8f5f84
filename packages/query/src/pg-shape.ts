import type { EventEmitter } from 'node:events';

/** What a pool must have: node-postgres's Pool, or one that is shaped like it. */
export interface PgPool {
  query(...args: never[]): unknown;
  connect(...args: never[]): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** A caller's arguments to `query`, whatever their form. */
export type QueryArguments = readonly unknown[];

export interface TypeParsers {
  getTypeParser(oid: number, format?: string): (text: never) => unknown;
}

export interface Field {
  readonly name: string;
  readonly dataTypeID: number;
  readonly format: string;
}

/** node-postgres's Result, with the methods that its own protocol code fills it by. */
export interface Result {
  command: string | null;
  rowCount: number | null;
  oid: number | null;
  rows: unknown[];
  readonly fields: readonly Field[];
  readonly _types?: TypeParsers;
  addFields(fields: readonly Field[]): void;
  parseRow(cells: readonly unknown[]): unknown;
  addRow(row: unknown): void;
}

export type ResultClass = new (rowMode: string | undefined, types: TypeParsers | undefined) => Result;

export interface Connection {
  prependListener(event: 'readyForQuery', listener: (message: { readonly status?: string }) => void): unknown;
}

/** A client checked out of the pool. */
export interface Client extends EventEmitter {
  query(...args: readonly unknown[]): unknown;
  release(error?: unknown): void;
  readonly host?: string;
  readonly port?: number | string;
  readonly database?: string;
  readonly user?: string;
  readonly binary?: boolean;
  /** Absent in the native binding. */
  readonly connection?: Connection;
  getTransactionStatus?(): string | null;
  /** `end` was called. node-postgres's own pool looks at it too. */
  readonly _ending?: boolean;
}

/** The pool as this package uses it; every {@link PgPool} that node-postgres makes is one. */
export interface WorkingPool extends EventEmitter {
  query(...args: readonly unknown[]): unknown;
  connect(): Promise<Client>;
  /** `end` was called. */
  readonly ending?: boolean;
}
