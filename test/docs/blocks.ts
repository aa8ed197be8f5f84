import type { SourceFile } from '../architecture/repository.ts';

export interface Block {
  /** The page that it stands on. */
  readonly page: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** Marked ```ts run: it is also executed. */
  readonly runs: boolean;
}

const FENCE = /^```ts( run)?[ \t]*\n([\s\S]*?)^```[ \t]*$/gm;

/** Every ```ts block; blocks in other languages, or with other words behind `ts`, are none. */
export function findBlocks(page: SourceFile): Block[] {
  return [...page.text.matchAll(FENCE)].map((match) => ({
    page: page.path,
    line: page.text.slice(0, match.index).split('\n').length + 1,
    code: match[2] ?? '',
    runs: match[1] !== undefined,
  }));
}

export function fileName(block: Block): string {
  return `${block.page.replaceAll('/', '__')}.${block.line}.ts`;
}

/** A module whose line numbers are the page's, so that what the compiler says of it can be looked up there. */
export function asModule(block: Block): string {
  return `${'\n'.repeat(block.line - 1)}${block.code}export {};\n`;
}
