import { expect, test } from 'vitest';
import { dataLimits } from '../../app/domain/data-use.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../app/domain/settings.ts';

const limits = (
  settings: Partial<Settings>,
  country: string | null,
  state: string | null,
  saleOptOut = false,
) => dataLimits({ ...DEFAULT_SETTINGS, ...settings }, { country, state }, saleOptOut);
const limitedTo = (state: number) => ({ optOut: false, limitedTo: { country: 1, state } });
const NONE = { optOut: false, limitedTo: null };

test('nothing is limited unless the shop wants it', () => {
  expect(limits({}, 'US', 'CA')).toEqual(NONE);
});

test.each([
  ['california', 'US', 'CA', 1000],
  ['california', 'us', 'ca', 1000],
  ['california', 'US', null, 1000],
  ['us_states', 'US', 'CO', 1001],
  ['us_states', 'US', 'CT', 1002],
  ['us_states', 'US', 'FL', 1003],
  ['us_states', 'US', 'OR', 1004],
  ['us_states', 'US', 'TX', 1005],
  ['us_states', 'US', null, 1000],
  ['everyone', 'US', 'TX', 1005],
  ['everyone', 'US', 'NY', 1000],
  ['everyone', 'BR', 'CA', 1000],
  ['everyone', null, null, 1000],
] as const)('%s: a buyer in %s, %s is limited by %d', (limitedDataUse, country, state, number) => {
  expect(limits({ limitedDataUse }, country, state)).toEqual(limitedTo(number));
});

test.each([
  ['california', 'US', 'TX'],
  ['california', 'BR', 'CA'],
  ['california', null, null],
  ['us_states', 'US', 'NY'],
  ['us_states', 'BR', 'CA'],
] as const)('%s: a buyer in %s, %s is not', (limitedDataUse, country, state) => {
  expect(limits({ limitedDataUse }, country, state)).toEqual(NONE);
});

test('attribution alone is asked for everybody', () => {
  expect(limits({ attributionOnly: true }, 'BR', null)).toEqual({ optOut: true, limitedTo: null });
});

test('somebody who opted out of the sale of their data is limited wherever they are, if not withheld at all', () => {
  const settings = { dataSaleOptOut: 'limit' } as const;
  expect(limits(settings, 'US', 'TX', true)).toEqual({
    optOut: true,
    limitedTo: { country: 1, state: 1005 },
  });
  expect(limits(settings, null, null, true)).toEqual({
    optOut: true,
    limitedTo: { country: 1, state: 1000 },
  });
  expect(limits(settings, 'US', 'TX', false)).toEqual(NONE);
  expect(limits({ dataSaleOptOut: 'withhold' }, 'US', 'TX', true)).toEqual(NONE);
});

test('an event of which no place is known is limited only for everyone', () => {
  const settings = { ...DEFAULT_SETTINGS, limitedDataUse: 'california' } as const;
  expect(dataLimits(settings, null, false)).toEqual(NONE);
  expect(dataLimits({ ...settings, limitedDataUse: 'everyone' }, null, false)).toEqual(limitedTo(1000));
});
