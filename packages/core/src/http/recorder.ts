import type { ServerResponse } from 'node:http';

/** Header fields as they were sent, in order; a name may repeat (Set-Cookie). Names keep their case. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** A whole response, as the handler made it. */
export interface RecordedResponse {
  readonly status: number;
  readonly statusMessage: string;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

export type RecordingOutcome =
  | { readonly complete: true; readonly response: RecordedResponse }
  | { readonly complete: false; readonly reason: 'declined' | 'too-large' | 'aborted' | 'length-mismatch' | 'upgrade' };

export interface RecordOptions {
  /** A body above this is passed on but no longer kept: `too-large`. */
  readonly maxBytes: number;
  /** Called once, just before the head is sent, when status and headers are final (headers may still be set on `res` here). False = do not record the body: `declined`. */
  readonly onHead: (status: number, headers: HeaderList) => boolean;
}

/** Follows write, end, writeHead, pipe, sendFile, json, redirect … on `res`, which still answers its own client. */
export type RecordResponse = (res: ServerResponse, options: RecordOptions) => Promise<RecordingOutcome>;
