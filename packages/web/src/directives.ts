/** A Cache-Control field, RFC 9111 section 5.2. Names in lower case; '' for a directive without an argument. */
export interface Directives {
  /** False when the field breaks its grammar anywhere: then what it forbids cannot be known, and nothing may rest on it. */
  readonly isWellFormed: boolean;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** RFC 9111 section 1.2.2: what is larger is this. About 68 years. */
export const MAX_DELTA_SECONDS: number = 2 ** 31;

// RFC 9110 section 5.6: each is sticky and matches in one pass.
const SEPARATORS = /[\t ,]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const END = /[\t ]*(?:,|$)/y;

/** Several field lines are one list. Both argument forms, token and quoted string, are understood for every directive (section 5.2). */
export function parseDirectives(field: string | readonly string[] | undefined): Directives {
  const text = typeof field === 'string' ? field : (field ?? []).join(',');
  const values = new Map<string, string[]>();
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (take(SEPARATORS); at < text.length; take(SEPARATORS)) {
    const name = take(TOKEN)?.[0].toLowerCase();
    let argument: string | undefined = '';
    if (text[at] === '=') {
      at++;
      argument = take(QUOTED)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? take(TOKEN)?.[0];
    }
    if (name === undefined || argument === undefined || take(END) === null) return { isWellFormed: false, values };
    const before = values.get(name);
    if (before === undefined) values.set(name, [argument]);
    else before.push(argument);
  }
  return { isWellFormed: true, values };
}

/** Whether the directive is there, qualified (`private="x"`), degenerate (`private=""`) or bare: the narrower forms are taken for the whole. */
export function has(directives: Directives, name: string): boolean {
  return directives.values.has(name);
}

/**
 * The seconds of a directive; undefined when it is absent, NaN when it is malformed or repeated with another value (section 4.2.1).
 * Comparisons with NaN are false: write them so that false is the careful answer.
 */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const values = directives.values.get(name);
  if (values === undefined) return undefined;
  const seconds = values.map(parseDeltaSeconds);
  const [first = Number.NaN] = seconds;
  return seconds.every((value) => value === first) ? first : Number.NaN;
}

/** delta-seconds, RFC 9111 section 1.2.2; NaN when it is none. */
export function parseDeltaSeconds(text: string): number {
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_DELTA_SECONDS) : Number.NaN;
}
