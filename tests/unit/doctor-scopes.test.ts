import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SHOPIFY_SCOPES } from '../../app/platforms/shopify/admin-checks.ts';

test('the scopes that the doctor looks for are those that shopify.app.toml asks for', () => {
  const toml = readFileSync(new URL('../../shopify.app.toml', import.meta.url), 'utf8');
  const [, asked = ''] = /^scopes = "([^"]*)"/m.exec(toml) ?? [];
  expect(asked.split(',').toSorted()).toEqual([...SHOPIFY_SCOPES].toSorted());
});
