import type { Request, RequestHandler, Response } from 'express';

/** Hands a failure to Express's error handlers: Express 4 does not see it, and the process would end with it. */
export function awaited(handle: (request: Request, response: Response) => Promise<void>): RequestHandler {
  return (request, response, next) => {
    handle(request, response).catch(next);
  };
}
