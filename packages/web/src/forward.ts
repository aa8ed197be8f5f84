import type { ServerResponse } from 'node:http';
import { type CacheStatus, recordResponse, setCacheStatus } from '@kvasir/core/http';
import { collectFields, type Fields } from './fields.ts';

/** Express's way on; with an error, to its error handlers. */
export type Next = (error?: unknown) => void;

/** Lets the handler answer, unrecorded; says why in Cache-Status. `onHead` sees the final status and fields just before they are sent. */
export function forward(
  res: ServerResponse,
  next: Next,
  status: CacheStatus,
  onHead?: (status: number, fields: Fields) => void,
): void {
  void recordResponse(res, {
    maxBytes: 0,
    onHead(fwdStatus, headers) {
      setCacheStatus(res, { ...status, fwdStatus });
      onHead?.(fwdStatus, collectFields(headers));
      return false;
    },
  });
  next();
}
