const HOUR_MS = 60 * 60_000;
const MORNING_HOUR = 8;
const EVENING_HOUR = 18;
const MONDAY = 1;
/** An evening that is nearer is no choice of its own. */
const NEAR_MS = 2 * HOUR_MS;

export interface LaterChoice {
  readonly kind: 'inAnHour' | 'evening' | 'tomorrow' | 'monday';
  readonly atMs: number;
}

/** Times that people mean, by the clock of the person. */
export function laterChoices(nowMs: number): readonly LaterChoice[] {
  const now = new Date(nowMs);
  const at = (days: number, hour: number): number => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour).getTime();
  const evening = at(0, EVENING_HOUR);
  const daysToMonday = (MONDAY + 7 - now.getDay()) % 7 || 7;
  return [
    { kind: 'inAnHour', atMs: nowMs + HOUR_MS },
    ...(evening - nowMs > NEAR_MS ? [{ kind: 'evening', atMs: evening } as const] : []),
    { kind: 'tomorrow', atMs: at(1, MORNING_HOUR) },
    ...(daysToMonday > 1 ? [{ kind: 'monday', atMs: at(daysToMonday, MORNING_HOUR) } as const] : []),
  ];
}

/** As `<input type="datetime-local">` takes it: the time where the person is, to the minute. */
export function fieldValueOf(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
