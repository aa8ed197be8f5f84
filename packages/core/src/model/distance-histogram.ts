/** Distances up to here have a bucket each. */
const EXACT = 32;
/** Above, a bucket is a sixteenth of an octave; the curve is drawn straight across it, which costs less than a tenth of a point. */
const PER_OCTAVE = 16;
const FIRST_OCTAVE = Math.log2(EXACT);
/** Two terabytes; a distance beyond it is counted there. */
const LAST_OCTAVE = 40;

export const BUCKETS: number = EXACT + 1 + (LAST_OCTAVE - FIRST_OCTAVE + 1) * PER_OCTAVE;

/** The bucket of a distance above 0: 1 to BUCKETS - 1. */
export function bucketOf(distance: number): number {
  const whole = Math.ceil(distance);
  if (whole <= EXACT) return whole;
  // A bucket includes its upper edge: what is `edge` away is found in a cache of that size.
  const below = whole - 1;
  const octave = below < 2 ** 32 ? 31 - Math.clz32(below) : Math.floor(Math.log2(below));
  if (octave > LAST_OCTAVE) return BUCKETS - 1;
  const part = Math.floor((below / 2 ** octave - 1) * PER_OCTAVE);
  return EXACT + 1 + (octave - FIRST_OCTAVE) * PER_OCTAVE + part;
}

/** The largest distance of a bucket. */
export function edgeOf(bucket: number): number {
  if (bucket <= EXACT) return bucket;
  const step = bucket - EXACT;
  const octave = FIRST_OCTAVE + Math.floor(step / PER_OCTAVE);
  return 2 ** octave * (1 + (step % PER_OCTAVE) / PER_OCTAVE);
}
