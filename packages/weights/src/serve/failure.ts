import type { ServerResponse } from 'node:http';
import { setCacheStatus } from '@kvasir/core/http';
import { codeOf, faultOf } from '../fault.ts';
import { answerText } from './head.ts';

/** After the head went out, the only honest end is a broken connection: a short body must not look complete. */
export function answerFailure(res: ServerResponse, error: unknown): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const fault = faultOf(error);
  setCacheStatus(res, { fwd: 'uri-miss', ...(fault?.status !== undefined && { fwdStatus: fault.status }) });
  if (codeOf(error) === 'UNVERIFIED') return answerText(res, 502, 'The file is not what it should be');
  if (fault?.retryAfterMs === undefined) return answerText(res, 502, 'The origin of this file failed');
  const seconds = String(Math.max(1, Math.ceil(fault.retryAfterMs / 1000)));
  answerText(res, 503, 'The origin of this file asks to wait', { 'retry-after': seconds });
}
