// A window of days as the API takes it. Pure, so that it is tested.
import { addDays, type Day, isDay, startOfDay } from '../../words/dates';

/** The instants between which days lie, both included, in the shop's time zone; nothing where they are out of order. */
export function ruleWindow(first: Day, last: Day, zone: string): { from: string; to: string } | null {
  if (!isDay(first) || !isDay(last) || first > last) return null;
  return {
    from: startOfDay(first, zone).toISOString(),
    to: startOfDay(addDays(last, 1), zone).toISOString(),
  };
}
