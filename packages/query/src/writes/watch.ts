import { type Call, readCall, type Submittable } from '../call.ts';
import type { Client, QueryArguments, Result } from '../pg-shape.ts';
import { currentScope, type Scope } from '../scope.ts';
import { measure, type Session } from '../session/measure.ts';
import { type Analysis, UNPARSED } from '../sql/analysis.ts';
import { loadParser, parserIsLoaded } from '../sql/parser.ts';
import type { Desk } from './desk.ts';

/** A statement that matters to the cache, on its way. */
interface Sent {
  readonly analysis: Analysis;
  /** Tags marked and invalidated because what they cover may become visible by this statement. */
  readonly exposed: readonly string[];
}

/** unknown: the connection broke or the caller's patience ended; the server may be about to commit. */
type End = 'done' | 'failed' | 'unknown';

/** The backend's own word, in ReadyForQuery: I idle, T in a transaction, E in a failed one. */
type Status = 'I' | 'T' | 'E' | undefined;

/**
 * Stands in one client's `query` and follows what it writes.
 *
 * `#written` holds the tags of everything written since the connection was last idle. They are marked and invalidated before any
 * statement that may make them visible (COMMIT; every statement outside a transaction) and invalidated again after it, before the caller hears
 * of it. Whether a transaction is open is taken from the server, never from the texts. A statement that matters may wait for that, or for
 * the catalog, so those after it on the same client queue up behind; others are sent at once, untouched.
 */
export class Watch {
  readonly #client: Client;
  readonly #desk: Desk;
  readonly #send: (...args: QueryArguments) => unknown;
  readonly #texts = new Map<string, string>();
  readonly #written = new Set<string>();
  #status: Status;
  #schemaChanged = false;
  #outstanding = 0;
  #queue: Promise<unknown> | undefined;
  #preparing: Promise<void> | undefined;

  constructor(client: Client, desk: Desk, isNew: boolean) {
    this.#client = client;
    this.#desk = desk;
    this.#send = client.query.bind(client);
    // The native binding tells nothing: its clients never count as idle, so nothing is kept and every statement may have written anything.
    const isFresh = isNew && client.connection !== undefined;
    this.#status = statusOf(client.getTransactionStatus?.()) ?? (isFresh ? 'I' : undefined);
    client.query = (...args: QueryArguments) => this.#query(args);
    client.connection?.prependListener('readyForQuery', (message) => {
      this.#status = statusOf(message.status);
      // node-postgres calls the query back within this event: look afterwards whether anything was left.
      process.nextTick(() => this.#catchUp());
    });
    client.once('end', () => {
      this.#forgetWritten();
      desk.sessions.forget(client);
    });
  }

  /** Sends a query of Kvasir's own, unwatched. */
  readonly ask = (config: object): Promise<Result> => this.#send(config) as Promise<Result>;

  get session(): Session | undefined {
    return this.#desk.sessions.of(this.#client);
  }

  /** Nothing is open or under way on the connection: what is asked now is asked by itself. */
  get isFree(): boolean {
    return this.#isIdle && this.#queue === undefined;
  }

  /** Learns the connection's session and the catalog, if they are not known and the connection is free to ask. Never rejects. */
  async prepare(): Promise<void> {
    await this.#queue;
    await this.#prepare();
  }

  get #isIdle(): boolean {
    return this.#status === 'I' && this.#outstanding === 0 && this.#written.size === 0;
  }

  async #prepare(): Promise<void> {
    if (!this.#isIdle) return;
    this.#preparing ??= this.#look().finally(() => {
      this.#preparing = undefined;
    });
    await this.#preparing;
  }

  async #look(): Promise<void> {
    const { sessions, catalogs } = this.#desk;
    try {
      const session = sessions.of(this.#client) ?? (await measure(this.#client, this.ask));
      sessions.learn(this.#client, session);
      await catalogs.load(session, this.ask);
    } catch {
      // It stays unknown, so nothing is kept that depends on it.
    }
  }

  #query(args: QueryArguments): unknown {
    const call = readCall(args);
    if (call === undefined) return this.#send(...args);
    if (this.#queue === undefined && parserIsLoaded() && this.#isOfNoConcern(this.#analyse(call)))
      return this.#send(...args);
    const scope = currentScope();
    const ready = (this.#queue ?? Promise.resolve()).then(() => this.#before(call, scope));
    this.#queue = ready;
    const { callback, submittable } = call;
    const answer = ready.then((sent) => {
      if (this.#queue === ready) this.#queue = undefined;
      return submittable === undefined ? this.#conduct(sent, call, args) : this.#submit(sent, submittable, args);
    });
    if (submittable !== undefined) return submittable;
    if (callback === undefined) return answer;
    // In a tick of its own: what a callback throws is uncaught, as it is in node-postgres.
    answer.then(
      (result) => process.nextTick(callback, null, result),
      (error) => process.nextTick(callback, error),
    );
    return undefined;
  }

  #analyse({ text, name }: Call): Analysis {
    const known = text ?? (name === undefined ? undefined : this.#texts.get(name));
    if (known === undefined) return UNPARSED;
    if (name !== undefined) this.#texts.set(name, known);
    return this.#desk.analyses.of(known);
  }

  #isOfNoConcern(analysis: Analysis): boolean {
    if (analysis.isTransactionControl || analysis.mayCommit) return false;
    const { tags, doubtsSession } = this.#desk.effectOf(analysis, this.#client);
    return tags.length === 0 && !doubtsSession;
  }

  /** Runs in the order of the calls. Never rejects. */
  async #before(call: Call, scope: Scope | undefined): Promise<Sent> {
    await loadParser().catch(() => undefined);
    await this.#prepare();
    const analysis = parserIsLoaded() ? this.#analyse(call) : UNPARSED;
    const { tags, doubtsSession } = this.#desk.effectOf(analysis, this.#client);
    if (tags.length > 0) scope?.wrote();
    for (const tag of tags) this.#written.add(tag);
    if (doubtsSession) this.#desk.sessions.doubt(this.#client);
    this.#outstanding += 1;
    const inTransaction = this.#status === 'T' || this.#status === 'E';
    if (analysis.isRollback || (inTransaction && !analysis.mayCommit)) return { analysis, exposed: [] };
    const exposed = [...this.#written];
    this.#desk.ledger.mark(exposed);
    await this.#desk.invalidate(exposed);
    return { analysis, exposed };
  }

  async #conduct(sent: Sent, { callback }: Call, args: QueryArguments): Promise<unknown> {
    const values = typeof args[1] === 'function' ? undefined : args[1];
    try {
      const result = await (callback === undefined ? this.#send(...args) : this.#sendForCallback(args[0], values));
      await this.#after(sent, 'done');
      return result;
    } catch (error) {
      await this.#after(sent, endOf(error));
      throw error;
    }
  }

  /** In place of the caller's callback, in the config or beside it. */
  #sendForCallback(config: unknown, values: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#send(config, values, (error: unknown, result: unknown) => (error ? reject(error) : resolve(result)));
    });
  }

  #submit(sent: Sent, submittable: Submittable, args: QueryArguments): void {
    let isOver = false;
    const finish = (end: End) => {
      if (!isOver) void this.#after(sent, end);
      isOver = true;
    };
    onEnd(submittable, finish);
    this.#send(...args);
  }

  async #after({ analysis, exposed }: Sent, end: End): Promise<void> {
    const { ledger, sessions } = this.#desk;
    this.#outstanding -= 1;
    // What may still be running is kept in mind until the server says that it is idle.
    const isOver = this.#status === 'I' && this.#outstanding === 0 && end !== 'unknown';
    const visible = isOver || end !== 'done' || analysis.mayCommit;
    const tags = new Set([...exposed, ...(visible && !analysis.isRollback ? this.#written : [])]);
    if (isOver) this.#written.clear();
    if (analysis.changesSchema) this.#schemaChanged = true;
    if (visible && this.#schemaChanged) this.#desk.schemaChanged(this.#client);
    if (isOver) this.#schemaChanged = false;
    await this.#desk.invalidate([...tags]);
    ledger.unmark(exposed);
    if (isOver && sessions.isDoubtful(this.#client)) await this.#prepare();
  }

  /** The connection became idle and no statement is left to answer for what it wrote: a COMMIT that failed late, a COMMIT in a text of several. */
  #catchUp(): void {
    if (this.#status !== 'I' || this.#outstanding > 0) return;
    this.#forgetWritten();
    if (this.#desk.sessions.isDoubtful(this.#client)) void this.#prepare();
  }

  #forgetWritten(): void {
    const tags = [...this.#written];
    this.#written.clear();
    void this.#desk.invalidate(tags);
  }
}

function statusOf(status: unknown): Status {
  return status === 'I' || status === 'T' || status === 'E' ? status : undefined;
}

/** SQLSTATE says that the server gave the statement up, except where it gave up the connection: classes 08, 57 and XX. */
function endOf(error: unknown): End {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|57|XX)/.test(code) ? 'failed' : 'unknown';
}

/** Both are called by the client when the query is done with the connection, before the submittable's own events. */
function onEnd(submittable: Submittable, finish: (end: End) => void): void {
  const isDone = submittable.handleReadyForQuery?.bind(submittable);
  const hasFailed = submittable.handleError?.bind(submittable);
  submittable.handleReadyForQuery = (...args) => {
    finish('done');
    return isDone?.(...args);
  };
  submittable.handleError = (...args) => {
    finish(endOf(args[0]));
    return hasFailed?.(...args);
  };
}
