import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import type { ShopId } from '../../app/domain/ids.ts';
import { connectionSecret } from '../../app/pipeline/sealed.ts';
import { freshDatabase } from './database.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { SHOP } from './tieback.ts';

const KEYS = `test:${randomBytes(32).toString('base64')}`;
// Nothing listens there: a command that opened the database would fail with 1, not with 2.
const NOWHERE = { ENCRYPTION_KEYS: KEYS, DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' };
const TOKEN = 'EAAtoken-of-the-tests';
const CONNECT = [
  ...['connect', '--shop', SHOP, '--waba', '102290129340398', '--phone-number-id', '106540352242922'],
  ...['--display-number', '+55 11 91234-5678', '--dataset', '774400112233445', '--token', TOKEN],
];
const without = (flag: string): string[] => {
  const at = CONNECT.indexOf(flag);
  return CONNECT.toSpliced(at, 2);
};
const replacing = (flag: string, value: string): string[] => [...without(flag), flag, value];

test('connect makes the shop and its connection, and prints where Meta posts to', async () => {
  const { tieback, env } = await openOperated();
  const connected = await jsonOf([...CONNECT, '--country', 'br', '--currency', 'brl'], env);
  const { db, vault } = tieback.pipeline;
  expect(await db.shop.findMany()).toMatchObject([{ domain: SHOP, country: 'BR', currency: 'BRL' }]);
  const [row] = await db.connection.findMany();
  expect(connected).toEqual({
    connection_id: row?.id,
    webhook_path: '/webhooks/whatsapp',
    verify_token: null,
  });
  expect(row).toMatchObject({
    wabaId: '102290129340398',
    phoneNumberId: '106540352242922',
    displayNumber: '+55 11 91234-5678',
    datasetId: '774400112233445',
    state: 'active',
    appSecret: null,
  });
  const binding = connectionSecret((row?.shopId ?? 0) as ShopId, row?.id ?? '', 'token');
  expect(vault.open(row?.token ?? '', binding)).toBe(TOKEN);
  expect(tieback.meta.requests()).toEqual([]);
});

test("connect with an app's secret gives a webhook path and a verify token of its own; again keeps the id", async () => {
  const { tieback, env } = await openOperated();
  const shared = await jsonOf(CONNECT, env);
  const [row] = await tieback.pipeline.db.connection.findMany();
  const own = await jsonOf([...CONNECT, '--app-secret', 'secret-of-the-merchants-app'], env);
  expect(own).toEqual({
    connection_id: row?.id,
    webhook_path: `/webhooks/whatsapp/${row?.id}`,
    verify_token: expect.stringMatching(/^[\w-]{32}$/),
  });
  expect(shared).toMatchObject({ connection_id: row?.id });
  expect(await tieback.pipeline.db.connection.count()).toBe(1);
});

test('what the operator connects works: a paid order of that number is reported', async () => {
  const { tieback, env } = await openOperated();
  await jsonOf([...CONNECT, '--country', 'BR'], env);
  const phoneNumbers = [
    { id: '106540352242922', displayNumber: '+55 11 91234-5678', verifiedName: 'Loja Exemplo' },
  ];
  tieback.meta.addBusiness({
    wabaId: '102290129340398',
    phoneNumbers,
    token: TOKEN,
    datasetId: '774400112233445',
  });
  await tieback.tapAd();
  await tieback.pay();
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
});

test.each<[string, string[], string]>([
  ['a missing flag', without('--token'), 'missing --token'],
  ['an empty flag', replacing('--token', ''), 'missing --token'],
  ['a flag without its value', [...CONNECT, '--country'], "Option '--country <value>' argument missing"],
  ['an unknown flag', [...CONNECT, '--colour', 'red'], "Unknown option '--colour'"],
  ['an id that is none', replacing('--waba', 'loja'), '--waba must be digits'],
  ['a dataset that is none', replacing('--dataset', '12a'), '--dataset must be digits'],
  ['a number that is none', replacing('--display-number', 'loja'), '--display-number must be a phone number'],
  ['a country that is none', [...CONNECT, '--country', 'Brasil'], '--country must be two letters, like BR'],
  ['a currency that is none', [...CONNECT, '--currency', 'R$'], '--currency must be three letters, like BRL'],
  [
    'a shop that is none',
    replacing('--shop', 'loja.example.com'),
    '--shop must look like name.myshopify.com, not loja.example.com',
  ],
  ['orders without a shop', ['orders'], 'missing --shop'],
  ['a state that is none', ['orders', '--shop', SHOP, '--state', 'lost'], '--state must be one of reported,'],
  [
    'an event state that is none',
    ['events', '--shop', SHOP, '--state', 'reported'],
    '--state must be one of due,',
  ],
  [
    'a date that is none',
    ['coverage', '--shop', SHOP, '--since', 'yesterday'],
    '--since must be a date like 2026-11-20, not yesterday',
  ],
  ['a word too many', ['orders', '--shop', SHOP, 'reported'], 'unexpected "reported"'],
  ['no event to resolve', ['resolve', '--as', 'resend'], 'missing EVENT_ID'],
  [
    'a resolution that is none',
    ['resolve', 'x', '--as', 'lost'],
    '--as must be accepted or resend, not lost',
  ],
  ['a word after migrate', ['migrate', 'now'], 'unexpected "now"'],
])(
  '%s is wrong use: exit 2 before anything is opened, usage in words, nothing printed',
  async (_, args, words) => {
    const ended = await tiebackCommand([...args, '--json'], NOWHERE);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.words.startsWith(words), ended.words).toBe(true);
    expect(ended.words).toContain(`\nusage: tieback ${args[0]}`);
    expect(ended.words).not.toContain(TOKEN);
  },
);

test('an unknown command is wrong use; help lists every command', async () => {
  const [unknown, help] = await Promise.all([
    tiebackCommand(['reboot', '--json'], NOWHERE),
    tiebackCommand(['--help'], NOWHERE),
  ]);
  expect(unknown).toMatchObject({ code: 2, out: '' });
  expect(unknown.words).toContain('There is no command "reboot".');
  expect(help.code).toBe(0);
  for (const name of 'connect orders events coverage reconcile deliveries replay settings resolve migrate'.split(
    ' ',
  ))
    expect(help.words).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
});

test('a wrong environment is wrong use and is named in one line', async () => {
  const ended = await tiebackCommand(['orders', '--shop', SHOP], { ...NOWHERE, META_GRAPH_VERSION: '26' });
  expect(ended).toEqual({
    code: 2,
    out: '',
    words: 'tieback orders: META_GRAPH_VERSION must look like v26.0\n',
  });
});

test('a database that is away is a failure told in one line', async () => {
  const ended = await tiebackCommand(['orders', '--shop', SHOP, '--json'], NOWHERE);
  expect(ended).toMatchObject({ code: 1, out: '' });
  expect(ended.words).toMatch(/^tieback orders: .*ECONNREFUSED.*\n$/);
});

test('a shop that Tieback does not know is a failure, not wrong use', async () => {
  const env = { ENCRYPTION_KEYS: KEYS, DATABASE_URL: await freshDatabase() };
  for (const name of ['orders', 'events', 'coverage', 'deliveries', 'settings']) {
    expect(await tiebackCommand([name, '--shop', SHOP, '--json'], env)).toEqual({
      code: 1,
      out: '',
      words: `tieback ${name}: no shop ${SHOP}: it has neither installed Tieback nor been connected\n`,
    });
  }
});

test('a key ring that does not open the installation is a failure that names the key', async () => {
  const { env } = await openOperated();
  const ENCRYPTION_KEYS = `other:${randomBytes(32).toString('base64')}`;
  const ended = await tiebackCommand(['orders', '--shop', SHOP, '--json'], { ...env, ENCRYPTION_KEYS });
  expect(ended).toMatchObject({ code: 1, out: '' });
  expect(ended.words).toBe('tieback orders: the key "test" is not in ENCRYPTION_KEYS\n');
});

test('migrate builds an empty database and lists what it has; the log never mixes with the JSON', async () => {
  const DATABASE_URL = await freshDatabase();
  const client = new Client({ connectionString: DATABASE_URL });
  await client.connect();
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  await client.end();
  const env = { ENCRYPTION_KEYS: KEYS, DATABASE_URL, LOG_LEVEL: 'trace' };
  const folders = readdirSync(new URL('../../prisma/migrations/', import.meta.url), { withFileTypes: true });
  const applied = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const first = await tiebackCommand(['migrate', '--json'], env);
  expect(first.code).toBe(0);
  expect(first.words).toContain('migrations applied');
  expect(first.out).toBe(`${JSON.stringify({ applied })}\n`);
  expect(await jsonOf(['migrate'], { ...env, LOG_LEVEL: '' })).toEqual({ applied });
});
