import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CacheStatus,
  type HeaderList,
  type RecordingOutcome,
  type RequestControl,
  recordResponse,
  setCacheStatus,
} from '@kvasir/core/http';
import { type Answer, contentTypeOf, flawOfHead, noteFields, toAnswer } from './answer.ts';
import type { Flight } from './flight.ts';
import type { Settings } from './options.ts';
import { findFlaw, kindOf } from './verdict.ts';

/** One request that reached the middleware, and the rest of the app behind it. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly next: () => void;
  readonly control: RequestControl;
  readonly key: string;
}

/** The kinds of body that are made to be read while they come. */
const STREAMS: readonly string[] = ['event-stream', 'ndjson'];

/**
 * Lets the handler answer, for its own client and for those on `flight`. Resolves with the answer when it may be kept, else with undefined.
 * By then everybody has been told.
 */
export async function callModel(
  exchange: Exchange,
  settings: Settings,
  fwd: CacheStatus['fwd'] & string,
  flight?: Flight,
): Promise<Answer | undefined> {
  const { res, control } = exchange;
  const ownFields = noteFields(res);
  const onHead = (status: number, headers: HeaderList): boolean => {
    const own = ownFields(headers);
    const flaw = control.skipped ? 'skip' : setsCookie(res) ? 'set-cookie' : flawOfHead(status, own);
    setCacheStatus(res, { fwd, fwdStatus: status, ...(flaw !== undefined && { detail: flaw }) });
    if (flaw !== undefined) return false;
    if (STREAMS.includes(kindOf(contentTypeOf(own))))
      flight?.begin(
        toAnswer({ status, statusMessage: res.statusMessage || 'OK', headers: own, body: Buffer.alloc(0) }),
      );
    return true;
  };
  const recording = recordResponse(res, {
    maxBytes: settings.maxAnswerBytes,
    onHead,
    ...(flight !== undefined && { onChunk: (chunk: Buffer) => flight.push(chunk) }),
    clock: settings.clock,
  });
  exchange.next();
  const outcome = await recording;
  // Sessions that were mounted before the cache add their cookie after the head has been judged.
  const answer = control.skipped || setsCookie(res) ? undefined : keepable(outcome, ownFields, settings);
  if (answer !== undefined) flight?.land({ end: 'answer', answer, status: { fwd: 'miss', collapsed: true } });
  else flight?.land({ end: 'unshared', whole: outcome.complete });
  return answer;
}

/** Whoever set it, the answer may be for a new user. */
function setsCookie(res: ServerResponse): boolean {
  return res.hasHeader('set-cookie');
}

function keepable(
  outcome: RecordingOutcome,
  ownFields: (headers: HeaderList) => HeaderList,
  settings: Settings,
): Answer | undefined {
  if (!outcome.complete) return undefined;
  const headers = ownFields(outcome.response.headers);
  const flaw = findFlaw(kindOf(contentTypeOf(headers)), outcome.response.body, settings);
  return flaw === undefined ? toAnswer({ ...outcome.response, headers }) : undefined;
}
