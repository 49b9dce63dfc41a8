import { z } from 'zod';
import { eventSchema, reportSchema } from '../../domain/api-event.ts';
import { API_PROBLEMS, problemSchema, type ApiProblemCode } from '../../domain/api-problem.ts';

type Json = Record<string, unknown>;
type Operation = {
  path: string;
  method: 'get' | 'post';
  document: Json;
  answers: Record<string, Json>;
  problems: readonly ApiProblemCode[];
};

const EXAMPLE: z.input<typeof reportSchema> = {
  event_name: 'Purchase',
  conversation: { phone: '+5511986654321' },
  occurred_at: '2026-11-20T14:05:00-03:00',
  value: { amount: '129.90', currency: 'BRL' },
  reference: 'booking-4711',
};
const EVENT: Json = { $ref: '#/components/schemas/Event' };
const AUTHENTICATED = [
  'key_missing',
  'key_unknown',
  'key_revoked',
  'too_many_requests',
  'unavailable',
] as const;

export const API_OPERATIONS: readonly Operation[] = [
  {
    path: '/api/v1/events',
    method: 'post',
    document: {
      operationId: 'reportEvent',
      summary: 'Report an event of a conversation',
      description:
        'The conversation must have begun with an ad. The same request with the same Idempotency-Key is answered again ' +
        'and never counted twice.',
      parameters: [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: true,
          description: 'This event’s own: the same on every try, and never used for another event.',
          schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
        },
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: { $ref: '#/components/schemas/Report' }, example: EXAMPLE },
        },
      },
    },
    answers: {
      201: answer('The event is stored; its state says whether Meta is told.', EVENT),
      200: answer('This request was answered before; the event as it is now.', EVENT),
    },
    problems: [
      ...(['invalid_json', 'invalid_request', 'idempotency_key_required'] as const),
      ...(['conversation_not_found', 'conversation_ambiguous', 'idempotency_key_reused'] as const),
      ...(['body_too_large', 'content_type_not_json', 'no_ad_click', 'click_outside_window'] as const),
      ...(['click_after_order', ...AUTHENTICATED] as const),
    ],
  },
  {
    path: '/api/v1/events/{id}',
    method: 'get',
    document: {
      operationId: 'getEvent',
      summary: 'What became of an event',
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          description: 'The id from the answer to the report.',
          schema: { type: 'string', format: 'uuid' },
        },
      ],
    },
    answers: { 200: answer('The event as it is now.', EVENT) },
    problems: ['event_not_found', ...AUTHENTICATED],
  },
  {
    path: '/api/v1/openapi.json',
    method: 'get',
    document: { operationId: 'getDocument', summary: 'This document', security: [] },
    answers: { 200: answer('An OpenAPI 3.1 document.', { type: 'object' }) },
    problems: [],
  },
];
/** What any address under /api may answer. */
const ANYWHERE: readonly ApiProblemCode[] = ['not_found', 'method_not_allowed'];

/** The description of the API for programs, from the same schemas that it reads and answers with. https://spec.openapis.org/oas/v3.1.1.html */
export function apiDocument(appUrl: string): Json {
  const paths: Record<string, Json> = {};
  for (const { path, method, document, answers, problems } of API_OPERATIONS)
    paths[path] = {
      ...paths[path],
      [method]: { ...document, responses: { ...answers, ...refusals(problems) } },
    };
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tieback',
      version: '1',
      description:
        'Reports what happens in a WhatsApp conversation that began with an ad, such as a qualified lead, a booking or a ' +
        'sale made elsewhere, so that Meta can credit the ad.',
    },
    servers: [{ url: appUrl }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key from Tieback’s settings.' },
      },
      schemas: {
        Report: schemaOf(reportSchema),
        Event: schemaOf(eventSchema),
        Problem: schemaOf(problemSchema),
      },
      responses: refusals(ANYWHERE),
    },
  };
}

function refusals(codes: readonly ApiProblemCode[]): Record<string, Json> {
  const byStatus = Map.groupBy(codes, (code) => API_PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => {
      const code = { enum: some };
      const schema = {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { type: 'object', properties: { error: { type: 'object', properties: { code } } } },
        ],
      };
      const words = some.map((one) => `${one}: ${API_PROBLEMS[one].message}`).join('\n\n');
      const headers = HEADERS[status];
      return [String(status), { ...answer(words, schema), ...(headers && { headers }) }];
    }),
  );
}

const HEADERS: Readonly<Record<number, Json>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' } } },
  405: { Allow: { schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } },
  503: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } },
};

function answer(description: string, schema: Json): Json {
  return { description, content: { 'application/json': { schema } } };
}

function schemaOf(schema: z.ZodType): Json {
  const written: Json = z.toJSONSchema(schema, {
    io: 'input',
    override({ jsonSchema }) {
      // The format says it; the pattern is a page long.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  // The document itself says which dialect its schemas are in.
  delete written['$schema'];
  return written;
}
