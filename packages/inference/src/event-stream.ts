/** One event of a `text/event-stream`. */
export interface StreamEvent {
  /** The last `event` field; '' when there is none. */
  readonly event: string;
  /** The `data` fields, joined by line feeds. */
  readonly data: string;
}

/**
 * The events of a whole stream, as WHATWG HTML section 9.2.6 reads them: lines end in CR LF, LF or CR, comments and unknown fields are nothing,
 * an event without data is none. Here the last event counts even if no empty line follows it: whether it says the end is what matters.
 */
export function parseEventStream(text: string): StreamEvent[] {
  const events: StreamEvent[] = [];
  let event = '';
  let data: string[] = [];
  const dispatch = (): void => {
    if (data.length > 0) events.push({ event, data: data.join('\n') });
    event = '';
    data = [];
  };
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    if (line === '') dispatch();
    else if (line.startsWith('data')) data.push(...fieldValue(line, 'data'));
    else if (line.startsWith('event')) event = fieldValue(line, 'event')[0] ?? event;
  }
  dispatch();
  return events;
}

/** The value after `name:` and one optional space; a line that is only the name has the value ''; another field has none. */
function fieldValue(line: string, name: string): string[] {
  if (line.length === name.length) return [''];
  if (line[name.length] !== ':') return [];
  const from = name.length + 1;
  return [line.slice(line[from] === ' ' ? from + 1 : from)];
}
