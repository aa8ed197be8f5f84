import assert from 'node:assert/strict';
import { KvasirError } from '@kvasir/core';
import { describe, it } from 'vitest';
import { formatCapacity, readSizes } from '../src/sizes.ts';

describe('readSizes', () => {
  it('takes counts, bytes and percent of what the trace tells', () => {
    assert.deepEqual(
      readSizes('1000, 64MB,2%', { keys: 500, bytes: 10_000 }).map(({ unit, capacity }) => [unit, capacity]),
      [
        ['entries', 1000],
        ['bytes', 64 * 2 ** 20],
        ['bytes', 200],
      ],
    );
    assert.deepEqual(
      readSizes('0.5%', { keys: 5000, bytes: undefined }).map(({ unit, capacity }) => [unit, capacity]),
      [['entries', 25]],
    );
    assert.equal(readSizes('0.01%', { keys: 10, bytes: undefined })[0]?.capacity, 1);
    assert.equal(readSizes('1kb', { keys: 10, bytes: 1 })[0]?.capacity, 1024);
  });

  it.each(['', 'many', '-1', '1e9', 'NaN', 'Infinity', '5 %', '%', '64XB', '1000,,2'])('refuses %j', (text) => {
    assert.throws(
      () => readSizes(text, { keys: 1, bytes: 1 }),
      (error) => error instanceof KvasirError && /--sizes/.test(error.message),
    );
  });

  it('refuses bytes for a trace that tells none', () => {
    assert.throws(() => readSizes('1MB', { keys: 1, bytes: undefined }), KvasirError);
  });
});

describe('formatCapacity', () => {
  it('shows bytes in the unit that fits and counts with separators', () => {
    assert.deepEqual(
      [0, 512, 1536, 200 * 1024, 5 * 2 ** 30].map((bytes) => formatCapacity(bytes, 'bytes')),
      ['0 B', '512 B', '1.5 KB', '200 KB', '5.0 GB'],
    );
    assert.equal(formatCapacity(1234567, 'entries'), '1,234,567');
  });
});
