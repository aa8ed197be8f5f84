import type { QueryArguments, TypeParsers } from './pg-shape.ts';

export type Callback = (error: unknown, result?: unknown) => void;

/** One call of `query`, read once from its many forms. */
export interface Call {
  readonly text: string | undefined;
  readonly name: string | undefined;
  readonly values: unknown;
  readonly rowMode: string | undefined;
  readonly types: TypeParsers | undefined;
  readonly callback: Callback | undefined;
  /** It wants something of the connection that a kept result cannot give: a portal, binary cells, a timeout of its own. */
  readonly special: boolean;
  /** A Query, cursor or stream that feeds itself from the connection. */
  readonly submittable: Submittable | undefined;
}

export interface Submittable {
  submit(connection: unknown): unknown;
  text?: unknown;
  cursor?: { readonly text?: unknown };
  handleReadyForQuery?(...args: unknown[]): unknown;
  handleError?(...args: unknown[]): unknown;
}

type Config = Readonly<Record<string, unknown>>;

const SPECIAL = ['binary', 'rows', 'portal', 'query_timeout'] as const;

/** undefined for what node-postgres itself refuses (null, a function, a number): it shall say so. */
export function readCall(args: QueryArguments): Call | undefined {
  const [first, second, third] = args;
  const config = typeof first === 'string' ? { text: first } : first;
  if (typeof config !== 'object' || config === null) return undefined;
  if (isSubmittable(config)) return readSubmittable(config);
  const fields = config as Config;
  const types = fields['types'];
  return {
    text: textOf(fields['text']),
    name: textOf(fields['name']),
    values: second !== undefined && second !== null && typeof second !== 'function' ? second : fields['values'],
    rowMode: textOf(fields['rowMode']),
    types: isTypeParsers(types) ? types : undefined,
    callback: callbackOf(third) ?? callbackOf(second) ?? callbackOf(fields['callback']),
    special:
      SPECIAL.some((name) => Boolean(fields[name])) || (types !== undefined && types !== null && !isTypeParsers(types)),
    submittable: undefined,
  };
}

function readSubmittable(submittable: Submittable): Call {
  return {
    text: textOf(submittable.text) ?? textOf(submittable.cursor?.text),
    name: textOf((submittable as { name?: unknown }).name),
    values: undefined,
    rowMode: undefined,
    types: undefined,
    callback: undefined,
    special: true,
    submittable,
  };
}

function isSubmittable(config: object): config is Submittable {
  return typeof (config as Submittable).submit === 'function';
}

function isTypeParsers(value: unknown): value is TypeParsers {
  return typeof (value as TypeParsers | undefined | null)?.getTypeParser === 'function';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function callbackOf(value: unknown): Callback | undefined {
  return typeof value === 'function' ? (value as Callback) : undefined;
}
