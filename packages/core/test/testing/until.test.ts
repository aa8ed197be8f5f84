import { until } from '@kvasir/core/testing';
import { expect, test } from 'vitest';

test('resolves with the first answer that is not undefined or false', async () => {
  const answers = [undefined, false, 0, 1];
  expect(await until('an answer', () => answers.shift())).toBe(0);
  expect(await until('an answer', async () => answers.shift())).toBe(1);
});

test('rejects with what it waited for when the time is over, and at once when a look fails', async () => {
  await expect(until('the moon', () => false, 10)).rejects.toThrow('not within 10 ms: the moon');
  await expect(until('the moon', () => Promise.reject(new Error('clouds')))).rejects.toThrow('clouds');
});
