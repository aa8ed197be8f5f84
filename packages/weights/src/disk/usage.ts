/** Files smaller than a page of the file system still take one. */
const PAGE_BYTES = 4096;
/** Bounds the index itself: some 100 MB of memory, reached only by a million tiny files or a terabyte of blocks. */
const MAX_FILES = 1_000_000;

/** Which block files there are (`<folder>/<file>`), least recently used first, and how many bytes they take together. */
export class Usage {
  readonly #maxBytes: number;
  readonly #files = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  hasFolder(folder: string): boolean {
    return this.#counts.has(folder);
  }

  touch(path: string): void {
    const bytes = this.#files.get(path);
    if (bytes === undefined) return;
    this.#files.delete(path);
    this.#files.set(path, bytes);
  }

  add(path: string, bytes: number): void {
    this.remove(path);
    const taken = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
    this.#files.set(path, taken);
    this.#bytes += taken;
    this.#count(path, 1);
  }

  remove(path: string): void {
    const bytes = this.#files.get(path);
    if (bytes === undefined) return;
    this.#files.delete(path);
    this.#bytes -= bytes;
    this.#count(path, -1);
  }

  /** Forgets and returns who must leave for the limit to hold. */
  evict(): string[] {
    const victims: string[] = [];
    for (const [path] of this.#files) {
      if (this.#bytes <= this.#maxBytes && this.#files.size <= MAX_FILES) break;
      this.remove(path);
      victims.push(path);
    }
    return victims;
  }

  /** Forgets and returns all in `folder` that `keeps` does not want. */
  drop(folder: string, keeps: (path: string) => boolean): string[] {
    if (!this.hasFolder(folder)) return [];
    const dropped = [...this.#files.keys()].filter((path) => path.startsWith(`${folder}/`) && !keeps(path));
    for (const path of dropped) this.remove(path);
    return dropped;
  }

  #count(path: string, change: 1 | -1): void {
    const folder = path.slice(0, path.indexOf('/'));
    const count = (this.#counts.get(folder) ?? 0) + change;
    if (count === 0) this.#counts.delete(folder);
    else this.#counts.set(folder, count);
  }
}
