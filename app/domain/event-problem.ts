/** What Meta would refuse about a field of an event, in plain words. */
export type Problem = { field: string; problem: string };

/** A problem, unless this is fine. */
export function unless(fine: boolean, field: string, problem: string): Problem[] {
  return fine ? [] : [{ field, problem }];
}

/** Whether there is anything; Meta takes null and an empty text for nothing. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
