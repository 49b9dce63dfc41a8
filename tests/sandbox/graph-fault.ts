import type { ServerResponse } from 'node:http';
import { graphError, newTraceId } from './graph-error.ts';
import { sendJson, sendText } from './loopback-server.ts';
import type { GraphAnswer } from './graph-error.ts';

export type Fault =
  | {
      kind: 'status';
      status: number;
      code: number;
      subcode?: number;
      transient?: boolean;
      headers?: Record<string, string>;
    }
  | { kind: 'html'; status: number }
  | { kind: 'hang' }
  | { kind: 'cut_before' }
  | { kind: 'cut_after_accepting' }
  | { kind: 'zero_received' }
  | { kind: 'not_json' }
  | { kind: 'slow_body'; ms: number };

/**
 * Plays one fault on one request and returns the HTTP status sent, 0 for none.
 * Only `cut_after_accepting` and `slow_body` judge the request; the other faults accept nothing.
 */
export function playFault(input: {
  fault: Fault;
  response: ServerResponse;
  judge: () => GraphAnswer;
}): number {
  const { fault, response, judge } = input;
  switch (fault.kind) {
    case 'status': {
      const { status, code, headers } = fault;
      const message = `(#${code}) The pretend Meta was told to answer this.`;
      const transient = fault.transient ?? false;
      sendJson(response, status, graphError({ ...fault, message, transient }).body, headers);
      return status;
    }
    case 'html':
      sendText(
        response,
        fault.status,
        '<!DOCTYPE html><title>Facebook | Error</title><h1>Sorry, something went wrong.</h1>',
      );
      return fault.status;
    case 'hang':
      return 0;
    case 'cut_before':
      response.destroy();
      return 0;
    case 'cut_after_accepting':
      judge();
      response.destroy();
      return 0;
    case 'zero_received':
      sendJson(response, 200, { events_received: 0, messages: [], fbtrace_id: newTraceId() });
      return 200;
    case 'not_json':
      sendText(response, 200, 'OK', { 'content-type': 'text/plain' });
      return 200;
    case 'slow_body':
      return sendSlowly(response, judge(), fault.ms);
  }
}

function sendSlowly(response: ServerResponse, answer: GraphAnswer, ms: number): number {
  const body = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.write(body.slice(0, 1));
  const timer = setTimeout(() => response.end(body.slice(1)), ms);
  response.once('close', () => clearTimeout(timer));
  return answer.status;
}
