/*
 * One hash for look-up tables, frequency sketches and sampling.
 *
 * Problem: V8 keeps a string's own hash to itself, and a sketch needs 32 well mixed bits of every key of every request.
 * Idea: two UTF-16 units make one 32-bit word and cost one rotation and one multiplication; the murmur3 finaliser then lets each input bit
 * reach each output bit. Every step is a bijection of the state, so two keys that differ in a single word never collide.
 * Cost: about one multiplication per two characters, no allocation.
 * Not for: security. The seed keeps collisions from being precomputed by accident, not by an adversary who sees hashes.
 * Papers: Appleby 2011, MurmurHash3 (finaliser).
 */

/** 32 bits, unsigned. Keys are hashed as UTF-16 code units; the same key and `seed` (32 bits, default 0) give the same hash everywhere. */
export function hashKey(key: string, seed = 0): number {
  const length = key.length;
  let hash = seed ^ length;
  let at = 1;
  for (; at < length; at += 2) {
    hash = Math.imul(
      ((hash << 15) | (hash >>> 17)) ^ (key.charCodeAt(at - 1) | (key.charCodeAt(at) << 16)),
      0x9e3779b1,
    );
  }
  if (at === length) hash = Math.imul(((hash << 15) | (hash >>> 17)) ^ key.charCodeAt(at - 1), 0x9e3779b1);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
