import type { Region } from './conversion-event.ts';
import type { LimitedDataUse, Settings } from './settings.ts';

/** How Meta is asked to limit its use of an event. */
export type DataLimits = {
  /** For attribution alone, never for choosing whom ads are shown to. */
  optOut: boolean;
  /** Limited Data Use, by Meta's numbers for the country and the state; null: not asked for. */
  limitedTo: { country: number; state: number } | null;
};

/** Where somebody is: what they said, else the first country that hints at it, of which no state is known. */
export function regionOf(said: Region | null, hints: readonly (string | null)[]): Region {
  if (said !== null && said.country !== null) return said;
  return { country: hints.find((country) => country !== null) ?? null, state: null };
}

const UNITED_STATES = 1;
// Events from chats carry no IP address by which Meta could find the state, so it must be said.
// https://developers.facebook.com/docs/marketing-apis/data-processing-options
const STATES: ReadonlyMap<string, number> = new Map([
  ['CA', 1000],
  ['CO', 1001],
  ['CT', 1002],
  ['FL', 1003],
  ['OR', 1004],
  ['TX', 1005],
  ['MT', 1006],
  ['DE', 1007],
  ['NE', 1008],
  ['NH', 1009],
  ['NJ', 1010],
]);
const CALIFORNIA = 1000;

/**
 * How Meta is asked to limit its use of an event, by the shop's settings, where the buyer is, and whether the buyer opted
 * out of the sale of their data. Somebody in the United States of whom no state is known is treated as a Californian.
 */
export function dataLimits(
  settings: Pick<Settings, 'limitedDataUse' | 'attributionOnly' | 'dataSaleOptOut'>,
  region: Region | null,
  saleOptOut: boolean,
): DataLimits {
  const limited = saleOptOut && settings.dataSaleOptOut === 'limit';
  return {
    optOut: settings.attributionOnly || limited,
    limitedTo: limited ? limitOf('everyone', region) : limitOf(settings.limitedDataUse, region),
  };
}

function limitOf(whom: LimitedDataUse, region: Region | null): DataLimits['limitedTo'] {
  const state = region?.state?.toUpperCase() ?? null;
  const inUnitedStates = region?.country?.toUpperCase() === 'US';
  const number = inUnitedStates ? (state === null ? CALIFORNIA : (STATES.get(state) ?? null)) : null;
  switch (whom) {
    case 'off':
      return null;
    case 'california':
      return number === CALIFORNIA ? { country: UNITED_STATES, state: CALIFORNIA } : null;
    case 'us_states':
      return number === null ? null : { country: UNITED_STATES, state: number };
    case 'everyone':
      return { country: UNITED_STATES, state: number ?? CALIFORNIA };
  }
}
