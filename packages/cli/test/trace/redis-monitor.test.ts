import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { parseMonitor } from '../../src/trace/redis-monitor.ts';
import { parse } from './support.ts';

const monitored = (command: string, database = 0): string =>
  `1339518083.107412 [${database} 127.0.0.1:60866] ${command}`;
/** As Redis writes it (sdscatrepr). */
const represent = (key: string): string =>
  `"${key
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/[^ -~]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;

describe('the MONITOR parser', () => {
  it.each([
    ['a read', monitored('"GET" "user:1"'), ['user:1']],
    ['a read of many', monitored('"mget" "a" "b" "c"'), ['a', 'b', 'c']],
    ['a read of a field', monitored('"hget" "h" "field"'), ['h']],
    ['another database', monitored('"get" "a"', 3), ['db3 a']],
    ['a script', '1.5 [0 lua] "get" "a"', ['a']],
    ['a write', monitored('"set" "a" "1"'), []],
    ['a command without key', monitored('"ping"'), []],
    ['the greeting', 'OK', []],
  ])('reads %s', (_what, line, keys) => {
    assert.deepEqual(
      parse(parseMonitor, line)?.map(([key]) => key),
      keys,
    );
  });

  it.each(['GET a', '1339518083.1 "get" "a"', '1.1 [0 1.1.1.1:1] "get" "a', '1.1 [0 1.1.1.1:1] get a', ''])(
    'refuses %j',
    (line) => {
      assert.equal(parse(parseMonitor, line), undefined);
    },
  );

  it('gives back any key that Redis wrote down', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 30 }), (bytes) => {
        const key = Buffer.from(bytes).toString('latin1');
        assert.deepEqual(parse(parseMonitor, monitored(`"get" ${represent(key)}`)), [[key, 0]]);
      }),
    );
  });

  it('never throws, whatever the line', () => {
    const part = fc.constantFrom('1.1 [0 a] ', '"get"', ' ', '"', '\\', '\\x', '\\x4', 'OK', 'é');
    fc.assert(fc.property(fc.array(part, { maxLength: 30 }), (parts) => void parse(parseMonitor, parts.join(''))));
  });
});
