/**
 * One text for every spelling of a JSON document: no white space, members in the order of their names (UTF-16 code units, as RFC 8785
 * section 3.2.3), strings escaped as JSON.stringify does. Two documents get the same text only when every JSON parser must read them alike:
 *
 * - Numbers count as they are written. 1 and 1.0 are two requests, since a model server in Python can tell them apart, and so are
 *   9007199254740992 and 9007199254740993, which JSON.parse cannot tell apart. (RFC 8785 would make one of either pair.)
 * - A document with a repeated name has no canonical form: parsers disagree on which of them counts. Nor has one nested deeper than
 *   MAX_DEPTH. Whoever hashes must then take the bytes as they came.
 *
 * One pass over the text, which must be known to parse. A part that is canonical as it stands is sliced out, not rebuilt: long strings and
 * arrays of numbers, most of what a request is, are stepped over and not looked at character by character.
 */
export function canonicalise(text: string, ignoreFields: readonly string[] = []): string | undefined {
  try {
    return new Canonicaliser(text, ignoreFields).run();
  } catch (error) {
    if (error === NO_FORM) return undefined;
    throw error;
  }
}

/** Deeper than any request a model API takes, and far from the end of the stack. */
const MAX_DEPTH = 256;
const NO_FORM = new Error('no canonical form');

/** Numbers and words only, like the tokens of an embedding request: done at a glance. */
const FLAT_ARRAY = /\[[^"[\]{}]*\]/y;
const WHITE_SPACE = /\s/;
const ALL_WHITE_SPACE = /\s+/g;

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const SPACE = 32;

interface Member {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** undefined: canonical as it stands between start and end. */
  readonly form: string | undefined;
}

class Canonicaliser {
  readonly #text: string;
  readonly #ignoreFields: readonly string[];
  #at = 0;
  #backslash = -1;

  constructor(text: string, ignoreFields: readonly string[]) {
    this.#text = text;
    this.#ignoreFields = ignoreFields;
  }

  run(): string {
    this.#skipSpace();
    const start = this.#at;
    return this.#value(0) ?? this.#text.slice(start, this.#at);
  }

  /** The canonical form of the value that begins here, or undefined when that is what is written. Leaves the position behind it. */
  #value(depth: number): string | undefined {
    if (depth > MAX_DEPTH) throw NO_FORM;
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_OBJECT) return this.#object(depth);
    if (code === OPEN_ARRAY) return this.#array(depth);
    this.#scalar();
    return undefined;
  }

  #object(depth: number): string | undefined {
    this.#at++;
    const members: Member[] = [];
    let asWritten = !this.#skipSpace();
    while (this.#text.charCodeAt(this.#at) !== CLOSE_OBJECT) {
      const member = this.#member(depth);
      const previous = members.at(-1);
      if (depth === 0 && this.#ignoreFields.includes(member.name)) asWritten = false;
      else members.push(member);
      if (member.form !== undefined || (previous !== undefined && previous.name >= member.name)) asWritten = false;
      if (this.#separator()) asWritten = false;
    }
    this.#at++;
    if (asWritten) return undefined;
    members.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (members.some(({ name }, index) => members[index + 1]?.name === name)) throw NO_FORM;
    // Concatenation makes a rope; join would copy a large member once for each object around it.
    let out = '';
    for (const { form, start, end } of members)
      out += (out === '' ? '{' : ',') + (form ?? this.#text.slice(start, end));
    return out === '' ? '{}' : `${out}}`;
  }

  #member(depth: number): Member {
    const start = this.#at;
    const nameForm = this.#string();
    const nameEnd = this.#at;
    const written = nameForm ?? this.#text.slice(start, nameEnd);
    const name = written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
    let spaced = this.#skipSpace();
    this.#at++;
    if (this.#skipSpace()) spaced = true;
    const valueStart = this.#at;
    const value = this.#value(depth + 1);
    const end = this.#at;
    if (value === undefined && nameForm === undefined && !spaced) return { name, start, end, form: undefined };
    return { name, start, end, form: `${written}:${value ?? this.#text.slice(valueStart, end)}` };
  }

  #array(depth: number): string | undefined {
    FLAT_ARRAY.lastIndex = this.#at;
    if (FLAT_ARRAY.test(this.#text)) {
      const written = this.#text.slice(this.#at, FLAT_ARRAY.lastIndex);
      this.#at = FLAT_ARRAY.lastIndex;
      return WHITE_SPACE.test(written) ? written.replace(ALL_WHITE_SPACE, '') : undefined;
    }
    const begin = this.#at++;
    let form = '';
    let kept = begin;
    const cut = (from: number, replacement: string): void => {
      form += this.#text.slice(kept, from) + replacement;
      kept = this.#at;
    };
    const cutSpace = (): void => {
      const from = this.#at;
      if (this.#skipSpace()) cut(from, '');
    };
    cutSpace();
    while (this.#text.charCodeAt(this.#at) !== CLOSE_ARRAY) {
      const from = this.#at;
      const value = this.#value(depth + 1);
      if (value !== undefined) cut(from, value);
      cutSpace();
      if (this.#text.charCodeAt(this.#at) === COMMA) this.#at++;
      cutSpace();
    }
    this.#at++;
    return kept === begin ? undefined : form + this.#text.slice(kept, this.#at);
  }

  #string(): string | undefined {
    const text = this.#text;
    const start = this.#at;
    const end = text.indexOf('"', start + 1);
    if (this.#backslash < start) this.#backslash = indexOrEnd(text, '\\', start);
    if (end < this.#backslash) {
      this.#at = end + 1;
      return undefined;
    }
    let asWritten = true;
    let at = this.#backslash;
    for (let code = BACKSLASH; code !== QUOTE; code = text.charCodeAt(at)) {
      if (code !== BACKSLASH) at++;
      else {
        if (!isShortEscape(text.charCodeAt(at + 1))) asWritten = false;
        at += 2;
      }
    }
    this.#at = at + 1;
    if (asWritten) return undefined;
    const token = text.slice(start, at + 1);
    const form = JSON.stringify(JSON.parse(token));
    return form === token ? undefined : form;
  }

  /** Number, true, false or null: up to white space, a comma, a closing bracket or the end. */
  #scalar(): void {
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code <= SPACE || code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT) break;
    }
    this.#at = at;
  }

  /** Steps over white space and at most one comma; true when there was white space. */
  #separator(): boolean {
    let spaced = this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) === COMMA) this.#at++;
    if (this.#skipSpace()) spaced = true;
    return spaced;
  }

  #skipSpace(): boolean {
    const from = this.#at;
    while (this.#text.charCodeAt(this.#at) <= SPACE) this.#at++;
    return this.#at !== from;
  }
}

function indexOrEnd(text: string, part: string, from: number): number {
  const index = text.indexOf(part, from);
  return index === -1 ? text.length : index;
}

/** What JSON.stringify, too, escapes with one letter: " \\ b f n r t. */
function isShortEscape(code: number): boolean {
  return (
    code === 110 || code === QUOTE || code === BACKSLASH || code === 116 || code === 114 || code === 98 || code === 102
  );
}
