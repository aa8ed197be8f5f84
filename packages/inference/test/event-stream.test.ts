import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEventStream, type StreamEvent } from '../src/event-stream.ts';

const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\uFEFF]/g, ''));
const event = fc.record({ event: line, data: fc.array(line, { minLength: 1, maxLength: 3 }) });
const noise = fc.constantFrom('', ': keep-alive\n', ':\n', 'id: 7\n', 'retry: 10\n', 'database: no\n');

function write(events: readonly { event: string; data: string[] }[], extra: string): string {
  return events
    .map(({ event, data }) => `${extra}event: ${event}\n${data.map((part) => `data: ${part}\n`).join('')}\n`)
    .join('');
}

describe('parseEventStream', () => {
  it('reads back what was written, whatever ends the lines and whatever stands between', () => {
    fc.assert(
      fc.property(fc.array(event), noise, fc.constantFrom('\n', '\r', '\r\n'), (events, extra, eol) => {
        const expected: StreamEvent[] = events.map(({ event, data }) => ({ event, data: data.join('\n') }));
        expect(parseEventStream(write(events, extra).replaceAll('\n', eol))).toEqual(expected);
      }),
    );
  });

  it.each<[string, string, StreamEvent[]]>([
    ['takes one space off a value, not two', 'data:  x\n\n', [{ event: '', data: ' x' }]],
    ['takes a value without a space', 'data:x\n\n', [{ event: '', data: 'x' }]],
    ['takes a field without a colon for an empty value', 'data\n\n', [{ event: '', data: '' }]],
    ['has no event without data', 'event: ping\n\nid: 1\n\n', []],
    [
      'keeps the last name of an event, and forgets it with the event',
      'event: a\nevent: b\ndata: 1\n\ndata: 2\n\n',
      [
        { event: 'b', data: '1' },
        { event: '', data: '2' },
      ],
    ],
    ['drops a byte order mark', '\uFEFFdata: x\n\n', [{ event: '', data: 'x' }]],
    ['counts a last event that no empty line ends', 'data: [DONE]', [{ event: '', data: '[DONE]' }]],
    ['does not take a comment for data', ': data: x\n\n', []],
  ])('%s', (_title, text, events) => {
    expect(parseEventStream(text)).toEqual(events);
  });
});
