import { invalidParameter } from './graph-error.ts';
import type { GraphAnswer } from './graph-error.ts';

export type GraphNode = { type: string; values: Record<string, unknown>; defaults: string[] };

const PAGE_SIZE = 25;

/** The fields that were asked for, and with `metadata=1` what the object is (developers.facebook.com/docs/graph-api/overview). */
export function readNode(node: GraphNode, query: URLSearchParams): GraphAnswer {
  const wanted = query.get('fields')?.split(',') ?? node.defaults;
  const missing = wanted.find((field) => !Object.hasOwn(node.values, field));
  if (missing !== undefined) {
    return invalidParameter(`Tried accessing nonexisting field (${missing}) on node type (${node.type})`);
  }
  // Graph always adds the id.
  const names = [...new Set([...wanted, 'id'])];
  const metadata = {
    fields: Object.keys(node.values).map((name) => ({ name })),
    type: node.type,
    connections: {},
  };
  return {
    status: 200,
    body: {
      ...Object.fromEntries(names.map((name) => [name, node.values[name]])),
      ...(query.get('metadata') === '1' && { metadata }),
    },
  };
}

/** A page of nodes, with the cursor of the next one (developers.facebook.com/docs/graph-api/results). */
export function readList(nodes: GraphNode[], query: URLSearchParams, path: string): GraphAnswer {
  const limit = Number(query.get('limit') ?? PAGE_SIZE);
  if (!Number.isInteger(limit) || limit < 1)
    return invalidParameter('Param limit must be a positive integer.');
  const after = query.get('after');
  const from = after === null ? 0 : indexOf(after);
  const answers = nodes.slice(from, from + limit).map((node) => readNode(node, query));
  const refused = answers.find(({ status }) => status !== 200);
  if (refused) return refused;
  const [before, last] = [cursorAt(from), cursorAt(from + answers.length)];
  const next = new URLSearchParams(
    [...query].filter(([name]) => name !== 'after' && name !== 'access_token'),
  );
  next.set('after', last);
  const paging = {
    cursors: { before, after: last },
    ...(from + answers.length < nodes.length && { next: `https://graph.facebook.com${path}?${next}` }),
  };
  return {
    status: 200,
    body: { data: answers.map(({ body }) => body), ...(answers.length > 0 && { paging }) },
  };
}

function cursorAt(index: number): string {
  return Buffer.from(`after:${index}`).toString('base64url');
}

function indexOf(cursor: string): number {
  return Number(/^after:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1] ?? 0);
}
