import { BUCKETS, bucketOf } from './distance-histogram.ts';

/** What a sample has seen, every request of it counted for as many as it stands for. */
export class Tally {
  /** Repeats, by the bucket of their distance. */
  readonly repeats: Float64Array = new Float64Array(BUCKETS);
  /** The same, each times how often its key had come. */
  readonly popular: Float64Array = new Float64Array(BUCKETS);
  repeatTotal = 0;
  popularTotal = 0;
  /** First requests of a key. */
  firsts = 0;
  /** Requests for what would not have been there in a cache of any size: expired or deleted. */
  lapses = 0;

  /** A request at `distance`, its key's own weight included, of a key that had come `count` times. */
  repeat(distance: number, standsFor: number, count: number): void {
    const bucket = bucketOf(distance);
    this.repeats[bucket] = (this.repeats[bucket] as number) + standsFor;
    this.popular[bucket] = (this.popular[bucket] as number) + standsFor * count;
    this.repeatTotal += standsFor;
    this.popularTotal += standsFor * count;
  }
}
