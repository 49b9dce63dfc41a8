import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EVENT_REASONS, NOT_ATTRIBUTED_REASONS, WITHHELD_REASONS } from '../../app/domain/reason.ts';
import { DEFAULT_SETTINGS, settingsAsWords } from '../../app/domain/settings.ts';

const page = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

test.each(Object.entries(settingsAsWords(DEFAULT_SETTINGS)))(
  'the page for operators says what %s is by default',
  (word, value) => {
    const row = rows.find((cells) => cells[1] === `\`${word}\``) ?? [];
    const written = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
    expect(row[4]).toBe(written === '' ? '' : `\`${written}\``);
    expect(row[3]).not.toBe('');
  },
);

const flow = readFileSync(new URL('../../docs/how-it-works.md', import.meta.url), 'utf8');

test.each([...NOT_ATTRIBUTED_REASONS, ...WITHHELD_REASONS, ...EVENT_REASONS])(
  'the page about how it works explains %s',
  (reason) => {
    const isNamed = flow
      .split('\n')
      .some((line) => line.startsWith('|') && line.split('|')[1]?.includes(`\`${reason}\``));
    expect(isNamed).toBe(true);
  },
);
