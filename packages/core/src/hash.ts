/*
 * One hash for look-up tables, frequency sketches and sampling.
 *
 * Problem: V8 keeps a string's own hash to itself, and a sketch needs 32 well mixed bits of every key of every request. Keys come from outside: who
 * chooses them must not find many with one hash.
 * Idea: even and odd characters go through two lanes, each a rotation, an exclusive or and a multiplication a character, so that neither waits for the
 * other; the murmur3 finaliser lets each bit of both reach each output bit. A character meets the lower half of a lane only. There a change
 * spreads over the upper half in a way that depends on what came before, and with it on the seed, so that no later character can be chosen that takes
 * it back for every seed. (Two characters to a multiplication are no faster, reading them is what takes the time, and let a change of the highest
 * bit be taken back by the next word, whatever the seed.)
 * Cost: about 1.3 ns a character, no allocation. Reads flatten a string that was put together.
 * Not for: security. The seed keeps collisions from being computed ahead, not from being searched for by an adversary who sees hashes.
 * Papers: Appleby 2011, MurmurHash3 (rotation and multiplication, finaliser); Crosby and Wallach 2003, Denial of service via algorithmic complexity attacks.
 */

/** 32 bits, unsigned. Keys are hashed as UTF-16 code units; the same key and `seed` (32 bits, default 0) give the same hash everywhere. */
export function hashKey(key: string, seed = 0): number {
  const length = key.length;
  let even = seed ^ length;
  let odd = Math.imul(seed, 0xc2b2ae3d) ^ 0x27d4eb2f;
  let at = 1;
  for (; at < length; at += 2) {
    even = Math.imul(((even << 13) | (even >>> 19)) ^ key.charCodeAt(at - 1), 0x9e3779b1);
    odd = Math.imul(((odd << 13) | (odd >>> 19)) ^ key.charCodeAt(at), 0x85ebca77);
  }
  if (at === length) even = Math.imul(((even << 13) | (even >>> 19)) ^ key.charCodeAt(at - 1), 0x9e3779b1);
  let hash = even ^ ((odd << 16) | (odd >>> 16));
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
