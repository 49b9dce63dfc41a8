import { expect, test } from 'vitest';
import { readReport } from '../../app/domain/api-event.ts';
import { API_PROBLEM_CODES, API_PROBLEMS } from '../../app/domain/api-problem.ts';
import { readEnvironment } from '../../app/environment.ts';
import { apiRoutes } from '../../app/routes/http/api.ts';
import { apiDocument } from '../../app/routes/http/openapi.ts';
import type { Services } from '../../app/services.ts';

type Json = Record<string, unknown>;
type Responses = Record<string, { content: { 'application/json': { schema: Json } } }>;
type Operation = {
  operationId: string;
  responses: Responses;
  security?: unknown[];
  requestBody?: { content: { 'application/json': { example: unknown } } };
};
type Document = {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; responses: Responses };
};

const ADDRESS = 'https://tieback.example.com';
const document = apiDocument(ADDRESS) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('it lists exactly the addresses and methods that there are', () => {
  const environment = readEnvironment({
    NODE_ENV: 'test',
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
    ENCRYPTION_KEYS: `test:${Buffer.alloc(32).toString('base64')}`,
    SHOPIFY_API_KEY: '0123456789abcdef0123456789abcdef',
    SHOPIFY_API_SECRET: 'secret',
    SHOPIFY_APP_URL: ADDRESS,
  });
  const { stack } = apiRoutes({ environment } as Services);
  const routes = stack.flatMap(({ route }) =>
    route === undefined
      ? []
      : route.stack.filter(({ method }) => method).map(({ method }) => `${method} ${String(route.path)}`),
  );
  const listed = operations.map(({ path, method }) => `${method} ${path.replace('{id}', ':id')}`);
  expect(routes.toSorted()).toEqual(listed.toSorted());
});

test('it lists exactly the codes that there are, each under its status', () => {
  const all = [...operations.map(({ operation }) => operation.responses), document.components.responses];
  const listed = all.flatMap((responses) =>
    Object.entries(responses).flatMap(([status, { content }]) =>
      [...JSON.stringify(content).matchAll(/"code":\{"enum":(\[[^\]]+\])/g)].flatMap(([, codes = '[]']) =>
        (JSON.parse(codes) as string[]).map((code) => `${status} ${code}`),
      ),
    ),
  );
  const known = API_PROBLEM_CODES.map((code) => `${API_PROBLEMS[code].status} ${code}`);
  expect([...new Set(listed)].toSorted()).toEqual(known.toSorted());
});

test('its references lead somewhere, its operations have names of their own, and only the document needs no key', () => {
  const written = JSON.stringify(document);
  const referred = [...written.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name = '']) => name,
  );
  expect(new Set(referred)).toEqual(new Set(Object.keys(document.components.schemas)));
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  expect(operations.filter(({ operation }) => operation.security).map(({ path }) => path)).toEqual([
    '/api/v1/openapi.json',
  ]);
  expect(document).toMatchObject({ openapi: '3.1.1', servers: [{ url: ADDRESS }] });
});

test('its example is taken as it stands', () => {
  const example =
    document.paths['/api/v1/events']?.['post']?.requestBody?.content['application/json'].example;
  expect(readReport(example, new Date('2026-11-20T17:05:00Z')).kind).toBe('event');
});
