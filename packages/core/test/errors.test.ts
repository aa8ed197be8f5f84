import { KvasirError } from '@kvasir/core';
import { describe, expect, it } from 'vitest';

describe('KvasirError', () => {
  it('carries its code, message and cause', () => {
    const cause = new Error('socket closed');
    const error = new KvasirError('REMOTE_FAILED', 'redis: no', { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      'KvasirError',
      'REMOTE_FAILED',
      'redis: no',
      cause,
    ]);
    expect(Object.keys(error)).not.toContain('cause');
  });

  it('is known across two copies of the package, and nothing else is taken for one', () => {
    const foreign = Object.assign(new Error('from another copy'), { [Symbol.for('kvasir.error')]: true });
    expect(foreign instanceof KvasirError).toBe(true);
    for (const other of [new Error('plain'), { code: 'CLOSED' }, null, undefined, 'CLOSED', () => {}])
      expect((other as unknown) instanceof KvasirError).toBe(false);
  });
});
