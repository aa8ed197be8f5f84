import { describe, expect, it } from 'vitest';
import { DEFAULTS, inference } from '../src/index.ts';
import { readOptions } from '../src/options.ts';

describe('the options of inference()', () => {
  it.each([
    [{ tll: '1h' }, 'inference() tll'],
    [[], 'inference() options: expected an object'],
    [{ cache: {} }, 'inference() cache: expected an object with the methods namespace, invalidateTags, got {}'],
    [{ clock: 5 }, 'inference() clock: expected an object with the methods now, after, got 5'],
    [{ ttl: 'soon' }, 'inference() ttl: expected a duration'],
    [{ tenant: 'acme' }, "inference() tenant: expected a function, got 'acme'"],
    [{ secret: 'hunter2' }, 'inference() secret: expected at least 16 characters'],
    [{ ignoreFields: 'user' }, 'inference() ignoreFields: expected an array of field names'],
    [{ sampled: true }, "inference() sampled: expected 'cache' or 'bypass', got true"],
    [{ storeTruncated: 'yes' }, 'inference() storeTruncated: expected a boolean'],
    [{ endsStream: '[DONE]' }, 'inference() endsStream: expected a function'],
    [{ maxRequestBytes: -1 }, 'inference() maxRequestBytes: expected a size'],
    [{ maxAnswerBytes: '8 MB' }, 'inference() maxAnswerBytes: expected a size'],
  ])('are refused when they are %o', (options, message) => {
    expect(() => inference(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it('do not show a secret in the error that refuses it', () => {
    expect(() => inference({ secret: 'hunter2' })).toThrow(/^(?!.*hunter2)/);
  });

  it('take undefined for what is not given', () => {
    const { ttlMs, sampled, ignoreFields } = readOptions({
      ttl: undefined,
      sampled: undefined,
      ignoreFields: undefined,
    } as never);
    expect([ttlMs, sampled, ignoreFields]).toEqual([3_600_000, DEFAULTS.sampled, DEFAULTS.ignoreFields]);
  });
});
