import { describe, expect, test } from 'vitest';
import { Senders } from '../src/senders.ts';

function arrive(senders: Senders, from: string, ...numbers: number[]): string[] {
  return numbers.map((sequence) => senders.arrive({ from, sequence, message: undefined }));
}

describe('senders', () => {
  test('may begin anywhere and then count on', () => {
    expect(arrive(new Senders(), 'a', 7, 8, 9)).toEqual(['next', 'next', 'next']);
  });

  test('are counted one by one', () => {
    const senders = new Senders();
    arrive(senders, 'a', 1);
    arrive(senders, 'b', 5);
    expect(arrive(senders, 'a', 2)).toEqual(['next']);
    expect(arrive(senders, 'b', 6)).toEqual(['next']);
  });

  test('leave a gap when a number is missing or comes out of order', () => {
    expect(arrive(new Senders(), 'a', 1, 3, 4, 2)).toEqual(['next', 'after a gap', 'next', 'after a gap']);
  });

  test('may say the same twice, as a client does that resends', () => {
    expect(arrive(new Senders(), 'a', 1, 1, 2)).toEqual(['next', 'repeated', 'next']);
  });

  test('may begin anywhere again after they were forgotten', () => {
    const senders = new Senders();
    arrive(senders, 'a', 1);
    senders.forget();
    expect(arrive(senders, 'a', 9)).toEqual(['next']);
  });

  test('are forgotten with a gap when they are too many', () => {
    const senders = new Senders();
    for (let i = 0; i < 10_000; i += 1) expect(arrive(senders, `${i}`, 1)).toEqual(['next']);
    expect(arrive(senders, 'one more', 1)).toEqual(['after a gap']);
    expect(arrive(senders, '0', 5)).toEqual(['next']);
  });
});
