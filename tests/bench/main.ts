import { mkdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { ceiling } from './ceiling.ts';
import { growth } from './growth.ts';
import { idleLatency } from './latency.ts';
import { payload } from './payload.ts';
import { peak } from './peak.ts';
import { scaleOut } from './scale-out.ts';
import { soak } from './soak.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '300' },
    rate: { type: 'string', default: '667' },
    shops: { type: 'string', default: '200' },
    workers: { type: 'string', default: '1' },
    contacts: { type: 'string', default: '1000000' },
    clicks: { type: 'string', default: '10000000' },
    minutes: { type: 'string', default: '30' },
  },
});
const number = (text: string): number => Number(text);

const BENCHES: Readonly<Record<string, () => unknown>> = {
  payload,
  latency: idleLatency,
  ceiling,
  peak: () =>
    peak({
      perSecond: number(values.rate),
      seconds: number(values.seconds),
      shops: number(values.shops),
      workers: number(values.workers),
    }),
  growth: () => growth({ contacts: number(values.contacts), clicks: number(values.clicks) }),
  'scale-out': scaleOut,
  soak: () => soak({ minutes: number(values.minutes) }),
};

const FILE = new URL('../../bench/latest.json', import.meta.url);
const wanted = positionals.length > 0 ? positionals : Object.keys(BENCHES).filter((name) => name !== 'soak');
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there is ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

const results: Record<string, unknown> = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
results['machine'] = {
  cores: cpus().length,
  model: cpus()[0]?.model,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
  postgres: '18, embedded, its own default settings',
};
for (const name of wanted) {
  console.log(`\n${name} …`);
  results[name] = { at: new Date().toISOString(), result: await BENCHES[name]?.() };
  console.log(JSON.stringify(results[name], null, 2));
  mkdirSync(new URL('.', FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`);
}
// Prisma's schema engine leaves a timer of 10 seconds behind.
process.exit(0);
