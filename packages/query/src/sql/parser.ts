import { loadModule, parseSync } from 'libpg-query';
import { analyse } from './analyse.ts';
import { type Analysis, UNPARSED } from './analysis.ts';

/** Texts above this are not parsed: a bulk INSERT of megabytes would block the process. They count as unparsed. */
const LONGEST_TEXT = 256 * 1024;

/** Applications have hundreds of texts, not thousands, unless they paste values into them. */
const MOST_TEXTS = 1_000;

/** Of all remembered texts together: bulk inserts of 100 KB push each other out. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

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
  #characters = 0;

  of(text: string): Analysis {
    const known = this.#byText.get(text);
    if (known !== undefined) this.#forget(text);
    const analysis = known ?? parse(text);
    this.#byText.set(text, analysis);
    this.#characters += text.length;
    while (this.#byText.size > MOST_TEXTS || this.#characters > MOST_CHARACTERS) {
      const [oldest = text] = this.#byText.keys();
      this.#forget(oldest);
    }
    return analysis;
  }

  #forget(text: string): void {
    this.#byText.delete(text);
    this.#characters -= text.length;
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
