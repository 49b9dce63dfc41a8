/** What part of the past is looked at: whole days of the shop's calendar. `until` is the first moment after it. */
export type Period = { since: Date; until: Date };
export type PeriodProblems = { since: string | null; until: string | null };
type ReadPeriod = { kind: 'period'; period: Period } | { kind: 'invalid_period'; problems: PeriodProblems };

/** The periods that are offered by name, in days up to and with today. */
export const LAST_DAYS: readonly string[] = ['7', '28', '90'];

const DAY_MS = 86_400_000;
const WHOLE_DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads a choice of the form: a number of days of `LAST_DAYS`, or anything else with two dates as YYYY-MM-DD, both of
 * them in the period.
 */
export function readPeriod(
  asked: { days: string; since: string; until: string },
  { now, zone }: { now: Date; zone: string },
): ReadPeriod {
  const today = dateIn(zone, now);
  if (LAST_DAYS.includes(asked.days)) {
    const since = startOfDay(shiftDate(today, 1 - Number(asked.days)), zone);
    return { kind: 'period', period: { since, until: startOfDay(shiftDate(today, 1), zone) } };
  }
  const { since, until } = asked;
  const problems = {
    since: isDate(since) ? (since > today ? 'This day is still to come.' : null) : 'Choose a date.',
    until: !isDate(until)
      ? 'Choose a date.'
      : since > until
        ? 'Choose a day on or after the first one.'
        : null,
  };
  if (problems.since !== null || problems.until !== null) return { kind: 'invalid_period', problems };
  const end = startOfDay(shiftDate(until, 1), zone);
  return { kind: 'period', period: { since: startOfDay(since, zone), until: end } };
}

/** The day of a moment in a time zone, as YYYY-MM-DD. */
export function dateIn(zone: string, at: Date): string {
  const { year, month, day } = fieldsIn(zone, at);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

/** The first moment of a day in a time zone; where the clock skips midnight, the moment after the skip. */
export function startOfDay(date: string, zone: string): Date {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const candidates = [midnight - DAY_MS / 2, midnight + DAY_MS / 2].map(
    (near) => new Date(midnight - offsetMs(zone, new Date(near))),
  );
  // Where the clock changes on that day one of the two offsets is not yet, or no longer, the right one.
  const exact = candidates.filter((at) => dateIn(zone, at) === date);
  // None is, where a country has moved over the date line and left that day out.
  return new Date(Math.min(...(exact.length > 0 ? exact : candidates).map(Number)));
}

function shiftDate(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return WHOLE_DATE.test(text) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

function offsetMs(zone: string, at: Date): number {
  const { year, month, day, hour, minute, second } = fieldsIn(zone, at);
  return Date.UTC(year, month - 1, day, hour, minute, second) - at.getTime();
}

type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

function fieldsIn(zone: string, at: Date): Record<Field, number> {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const field = (name: Field) => parts.get(name) ?? 0;
  return {
    year: field('year'),
    month: field('month'),
    day: field('day'),
    hour: field('hour'),
    minute: field('minute'),
    second: field('second'),
  };
}
