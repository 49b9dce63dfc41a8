import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  Kind,
  buildClientSchema,
  execute,
  getNamedType,
  getOperationAST,
  isLeafType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  GraphQLNamedType,
  GraphQLSchema,
  IntrospectionQuery,
  SelectionSetNode,
} from 'graphql';
import { isRecord, parseJsonOrNull } from './json-value.ts';
import { resolveField } from './shopify-fields.ts';
import type { PretendShop } from './shopify-shop.ts';

export const API_VERSION = '2026-10';
export type GraphqlCall = { operation: string; shop: string };
export type GraphqlAnswer = { operation: string; status: number; body: unknown };
type Prepared = { kind: 'ready'; document: DocumentNode } | { kind: 'refused'; errors: unknown[] };

const RESTORE_RATE = 100;
const BUCKET = 2000;
const MAX_COST = 1000;
let schema: GraphQLSchema | null = null;
const preparedDocuments = new Map<string, Prepared>();

/**
 * Answers one Admin GraphQL request: the operation is checked against Shopify's published schema, then run over the
 * shop's data. GraphQL errors, throttling included, come with HTTP 200
 * (shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits).
 */
export function answerGraphql(input: {
  shop: PretendShop;
  body: string;
  now: Date;
  throttled: boolean;
}): GraphqlAnswer {
  const body = parseJsonOrNull(input.body)?.value;
  const query = isRecord(body) ? body['query'] : undefined;
  if (!isRecord(body) || typeof query !== 'string') {
    return {
      operation: '(unreadable)',
      status: 400,
      body: { errors: { query: 'Required parameter missing or invalid' } },
    };
  }
  const prepared = prepare(query);
  if (prepared.kind === 'refused')
    return { operation: '(refused)', status: 200, body: { errors: prepared.errors } };
  const { document } = prepared;
  const variables = isRecord(body['variables']) ? body['variables'] : {};
  const operationName = typeof body['operationName'] === 'string' ? body['operationName'] : null;
  const operation = operationNameOf(document, operationName);
  const cost = costOf(document, variables);
  if (cost > MAX_COST) return { operation, status: 200, body: tooExpensive(cost) };
  const available = fillBucket(input.shop, input.now);
  if (input.throttled) return { operation, status: 200, body: throttled(cost, Math.max(0, cost - 10)) };
  if (cost > available) return { operation, status: 200, body: throttled(cost, available) };
  input.shop.bucket = { points: available - cost, at: input.now.getTime() };
  const result = execute({
    schema: loadSchema(),
    document,
    variableValues: variables,
    operationName,
    contextValue: { shop: input.shop, now: input.now },
    fieldResolver: resolveField,
  });
  if (result instanceof Promise) throw new Error('The pretend Shopify answers from memory, at once.');
  const extensions = {
    cost: { requestedQueryCost: cost, actualQueryCost: cost, throttleStatus: bucket(available - cost) },
  };
  return { operation, status: 200, body: { ...result, extensions } };
}

function prepare(query: string): Prepared {
  const known = preparedDocuments.get(query);
  if (known) return known;
  const prepared = parseAndValidate(query);
  preparedDocuments.set(query, prepared);
  return prepared;
}

function parseAndValidate(query: string): Prepared {
  try {
    const document = parse(query);
    const errors = validate(loadSchema(), document);
    return errors.length === 0
      ? { kind: 'ready', document }
      : { kind: 'refused', errors: errors.map((error) => error.toJSON()) };
  } catch (error) {
    return { kind: 'refused', errors: [{ message: error instanceof Error ? error.message : String(error) }] };
  }
}

// Shopify's own introspection of the Admin API, as its developer tools package carries it.
function loadSchema(): GraphQLSchema {
  if (schema) return schema;
  const manifest = findPackageJSON('@shopify/dev-mcp', import.meta.url);
  if (manifest === undefined) throw new Error('@shopify/dev-mcp is not installed.');
  const packed = readFileSync(join(dirname(manifest), 'dist/data', `admin_${API_VERSION}.json.gz`));
  const introspection: { data: IntrospectionQuery } = JSON.parse(gunzipSync(packed).toString('utf8'));
  schema = buildClientSchema(introspection.data, { assumeValid: true });
  return schema;
}

/** What the shop's bucket holds by now; it fills at a steady rate. */
function fillBucket(shop: PretendShop, now: Date): number {
  if (shop.bucket === null) return BUCKET;
  const filled = Math.floor((Math.max(0, now.getTime() - shop.bucket.at) * RESTORE_RATE) / 1000);
  return Math.min(BUCKET, shop.bucket.points + filled);
}

function tooExpensive(cost: number): unknown {
  const message = `Query cost is ${cost}, which exceeds the single query max cost limit (${MAX_COST}).`;
  return { errors: [{ message, extensions: { code: 'MAX_COST_EXCEEDED', cost, maxCost: MAX_COST } }] };
}

function throttled(cost: number, available: number): unknown {
  return {
    errors: [
      {
        message: 'Throttled',
        extensions: { code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits' },
      },
    ],
    extensions: {
      cost: {
        requestedQueryCost: cost,
        actualQueryCost: null,
        throttleStatus: bucket(available),
      },
    },
  };
}

function bucket(currentlyAvailable: number): Record<string, number> {
  return { maximumAvailable: BUCKET, currentlyAvailable, restoreRate: RESTORE_RATE };
}

function operationNameOf(document: DocumentNode, operationName: string | null): string {
  const operation = getOperationAST(document, operationName);
  const first = operation?.selectionSet.selections[0];
  return operation?.name?.value ?? (first?.kind === Kind.FIELD ? first.name.value : '(unnamed)');
}

/** Points: a scalar 0, an object 1, a connection its page size times what it holds. */
function costOf(document: DocumentNode, variables: Record<string, unknown>): number {
  const operation = getOperationAST(document);
  const root = operation ? loadSchema().getRootType(operation.operation) : null;
  return operation && root ? costOfSelection(operation.selectionSet, root, { document, variables }) : 0;
}

type CostContext = { document: DocumentNode; variables: Record<string, unknown> };

function costOfSelection(set: SelectionSetNode, parent: GraphQLNamedType, context: CostContext): number {
  return set.selections.reduce((sum, selection) => {
    switch (selection.kind) {
      case Kind.FIELD:
        return sum + costOfField(selection, parent, context);
      case Kind.INLINE_FRAGMENT: {
        const named = selection.typeCondition?.name.value;
        const type = named === undefined ? parent : (loadSchema().getType(named) ?? parent);
        return sum + costOfSelection(selection.selectionSet, type, context);
      }
      case Kind.FRAGMENT_SPREAD: {
        const fragment = context.document.definitions.find(
          (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
        );
        return fragment?.kind === Kind.FRAGMENT_DEFINITION
          ? sum + costOfSelection(fragment.selectionSet, parent, context)
          : sum;
      }
    }
  }, 0);
}

function costOfField(field: FieldNode, parent: GraphQLNamedType, context: CostContext): number {
  const definition = isObjectType(parent) ? parent.getFields()[field.name.value] : undefined;
  if (!definition || !field.selectionSet) return 0;
  const type = getNamedType(definition.type);
  if (isLeafType(type)) return 0;
  const inside = costOfSelection(field.selectionSet, type, context);
  if (type.name.endsWith('Connection')) return pageSize(field, context.variables) * inside;
  return listSize(field, context.variables) * (1 + inside);
}

function pageSize(field: FieldNode, variables: Record<string, unknown>): number {
  return Number(argument(field, 'first', variables) ?? 1);
}

/** A plain list counts by the items it is asked for: its page size, or the ids it is given. */
function listSize(field: FieldNode, variables: Record<string, unknown>): number {
  const ids = argument(field, 'ids', variables);
  return Array.isArray(ids) ? ids.length : pageSize(field, variables);
}

function argument(field: FieldNode, named: string, variables: Record<string, unknown>): unknown {
  const value = field.arguments?.find(({ name }) => name.value === named)?.value;
  if (value?.kind === Kind.INT) return Number(value.value);
  return value?.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
}
