import type { IncomingMessage } from 'node:http';
import { isRecord, parseJsonOrNull } from './json-value.ts';

export type GraphRequest = {
  method: string;
  path: string;
  authorization: 'bearer' | 'query' | 'body' | 'none';
  /** HTTP status answered; 0 when no answer was given. */
  status: number;
  body: unknown;
};
export type GraphCall = {
  method: string;
  url: URL;
  token: string | null;
  authorization: GraphRequest['authorization'];
  body: unknown;
};

/** Reads a request as Graph does: the token from header, query or body; the body as JSON or as a form, whose `data` is JSON. */
export async function readCall(request: IncomingMessage, bytes: Buffer): Promise<GraphCall> {
  const url = new URL(request.url ?? '/', 'http://graph.invalid');
  const body = await readFields(request.headers['content-type'] ?? '', bytes);
  const given = {
    bearer: /^(?:Bearer|OAuth) (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null,
    query: url.searchParams.get('access_token'),
    body: isRecord(body) && typeof body['access_token'] === 'string' ? body['access_token'] : null,
  };
  const authorization =
    (['bearer', 'query', 'body'] as const).find((place) => given[place] !== null) ?? 'none';
  const token = authorization === 'none' ? null : given[authorization];
  return { method: request.method ?? 'GET', url, token, authorization, body };
}

const SECRETS = ['access_token', 'client_secret', 'code'];

/** What is kept of a request: never a token or another secret. */
export function recordOf(call: GraphCall, status: number): GraphRequest {
  const { method, authorization, body } = call;
  const hidden = isRecord(body) ? SECRETS.filter((field) => field in body) : [];
  const shown = isRecord(body)
    ? { ...body, ...Object.fromEntries(hidden.map((field) => [field, '(not kept)'])) }
    : body;
  return { method, path: call.url.pathname, authorization, status, body: shown };
}

async function readFields(type: string, bytes: Buffer): Promise<unknown> {
  const text = bytes.toString('utf8');
  const fields =
    (await readForm(type, bytes)) ?? (text === '' ? null : (parseJsonOrNull(text)?.value ?? text));
  if (!isRecord(fields) || typeof fields['data'] !== 'string') return fields;
  return { ...fields, data: parseJsonOrNull(fields['data'])?.value ?? fields['data'] };
}

async function readForm(type: string, bytes: Buffer): Promise<Record<string, unknown> | null> {
  if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)/.test(type)) return null;
  const body = new Response(new Uint8Array(bytes), { headers: { 'content-type': type } });
  return body.formData().then(
    (form) => Object.fromEntries(form),
    () => ({}),
  );
}
