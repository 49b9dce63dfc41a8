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
  if (input.throttled) return { operation, status: 200, body: throttled(cost) };
  const result = execute({
    schema: loadSchema(),
    document,
    variableValues: variables,
    operationName,
    contextValue: { shop: input.shop, now: input.now },
    fieldResolver: resolveField,
  });
  if (result instanceof Promise) throw new Error('The pretend Shopify answers from memory, at once.');
  const currentlyAvailable = Math.max(0, BUCKET - cost);
  const extensions = {
    cost: { requestedQueryCost: cost, actualQueryCost: cost, throttleStatus: bucket(currentlyAvailable) },
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

function throttled(cost: number): unknown {
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
        throttleStatus: bucket(Math.max(0, cost - 10)),
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
  return type.name.endsWith('Connection') ? pageSize(field, context.variables) * inside : 1 + inside;
}

function pageSize(field: FieldNode, variables: Record<string, unknown>): number {
  const value = field.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (value?.kind === Kind.INT) return Number(value.value);
  return value?.kind === Kind.VARIABLE ? Number(variables[value.name.value] ?? 1) : 1;
}
