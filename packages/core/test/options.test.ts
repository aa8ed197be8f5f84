import { checkFunction, checkInteger, checkKnown, invalidOption } from '@kvasir/core';
import { describe, expect, it } from 'vitest';

describe('a wrong option', () => {
  it('is named, with what was expected and what came', () => {
    expect(invalidOption('memory() maxEntries', 'an integer', 1.5)).toMatchObject({
      name: 'KvasirError',
      code: 'INVALID_OPTION',
      message: 'memory() maxEntries: expected an integer, got 1.5',
    });
  });

  it.each([
    ['a long string', 'x'.repeat(10_000)],
    ['a long key', { ['x'.repeat(10_000)]: 1 }],
    ['many keys', Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key ${index}`, index]))],
    ['an error with a stack', new Error('x'.repeat(10_000))],
    ['a large buffer', Buffer.alloc(10_000)],
    ['a large array', Array.from({ length: 10_000 }, () => 'x'.repeat(100))],
  ])('that is %s is cut', (_, got) => {
    expect(invalidOption('url', 'a URL', got).message.length).toBeLessThan(130);
  });

  it('does not tell the password of a URL', () => {
    const { message } = invalidOption('url', 'a client', 'redis://user:hunter2@example.org:6379/0');
    expect(message).toBe("url: expected a client, got 'redis://***@example.org:6379/0'");
  });

  it('may be an unknown name, or no options object at all', () => {
    expect(() => checkKnown('web()', { ttl: 1, tll: 2 }, ['ttl', 'grace'])).toThrow(
      "web() tll: expected one of ttl, grace, got 'an unknown option'",
    );
    for (const options of [null, 5, 'ttl', [], undefined])
      expect(() => checkKnown('web()', options, ['ttl'])).toThrow('web() options: expected an object');
    expect(() => checkKnown('web()', {}, [])).not.toThrow();
  });

  it('may be no function, or no integer that is large enough', () => {
    expect(() => checkFunction('key', 'x')).toThrow("key: expected a function, got 'x'");
    expect(() => checkFunction('key', null)).toThrow('key: expected a function, got null');
    expect(() => checkFunction('key', undefined)).not.toThrow();
    for (const value of [-1, 0.5, NaN, Infinity, '1', null, undefined])
      expect(() => checkInteger('max', value, 0)).toThrow('max: expected an integer of at least 0');
    expect(() => checkInteger('max', 0, 0)).not.toThrow();
  });
});
