import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
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
