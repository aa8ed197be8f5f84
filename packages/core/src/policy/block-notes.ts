import { grown } from './grown.ts';

/** What a chain's policy knows of each block, by slot or by ghost: 11 bytes. */
export class BlockNotes {
  /** Where it stands in the past; in the run that is not over, `~place`. */
  place: Int32Array = new Int32Array(64);
  /** Hash of the block before it. */
  parent: Int32Array = new Int32Array(64);
  kind: Uint8Array = new Uint8Array(64);
  span: Uint8Array = new Uint8Array(64);
  /** Up to {@link MOST_USES}. */
  uses: Uint8Array = new Uint8Array(64);

  reach(at: number): void {
    if (at < this.place.length) return;
    this.place = grown(this.place, at);
    this.parent = grown(this.parent, at);
    this.kind = grown(this.kind, at);
    this.span = grown(this.span, at);
    this.uses = grown(this.uses, at);
  }

  copy(at: number, to: BlockNotes, toAt: number): void {
    to.reach(toAt);
    to.place[toAt] = this.place[at] as number;
    to.parent[toAt] = this.parent[at] as number;
    to.kind[toAt] = this.kind[at] as number;
    to.span[toAt] = this.span[at] as number;
    to.uses[toAt] = this.uses[at] as number;
  }
}

export const MOST_USES = 255;
