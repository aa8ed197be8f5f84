import { loadModule, parseSync } from 'libpg-query';
import { analyse } from './analyse.ts';
import { type Analysis, UNPARSED } from './analysis.ts';

/** Texts above this are not parsed: a bulk INSERT of megabytes would block the process. They count as unparsed. */
const LONGEST_TEXT = 256 * 1024;

/** One entry a query text, each a few KB: applications have hundreds of texts, not thousands, unless they paste values into them. */
const MOST_TEXTS = 1_000;

let loading: Promise<void> | undefined;
let isLoaded = false;

/** Loads PostgreSQL's grammar (WebAssembly), once a process. */
export function loadParser(): Promise<void> {
  loading ??= loadModule().then(() => {
    isLoaded = true;
  });
  return loading;
}

export function parserIsLoaded(): boolean {
  return isLoaded;
}

/** What a text says, parsed once while it is among the most recently used. Call it only when the parser is loaded. */
export class Analyses {
  readonly #byText = new Map<string, Analysis>();

  of(text: string): Analysis {
    const known = this.#byText.get(text);
    if (known !== undefined) {
      this.#byText.delete(text);
      this.#byText.set(text, known);
      return known;
    }
    const analysis = parse(text);
    if (this.#byText.size >= MOST_TEXTS) {
      const [oldest] = this.#byText.keys();
      if (oldest !== undefined) this.#byText.delete(oldest);
    }
    this.#byText.set(text, analysis);
    return analysis;
  }
}

export function parse(text: string): Analysis {
  if (text.length > LONGEST_TEXT) return UNPARSED;
  if (text.trim() === '') return analyse([]);
  try {
    return analyse(parseSync(text).stmts ?? []);
  } catch {
    return UNPARSED;
  }
}
