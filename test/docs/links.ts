import { posix } from 'node:path';
import type { SourceFile } from '../architecture/repository.ts';

const LINK = /\]\(([^)\s]+)\)/g;
const CODE = /^```[\s\S]*?^```|`[^`\n]*`/gm;

/** The files and folders that a page links to, relative to the root; links to other hosts and within the page are none. */
export function findLinks(page: SourceFile): string[] {
  return [...page.text.replace(CODE, '').matchAll(LINK)]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => posix.join(posix.dirname(page.path), target));
}
