// What led to what, as lines with how long each took. Pure, so that it is tested.
import type { ActivityRowFragment } from '../../generated/graphql';
import { span } from '../../words/dates';

/** A line of the chain: an entry, how far in it stands, and how long after the one that caused it. */
export interface ChainLine {
  row: Pick<ActivityRowFragment, 'id' | 'summary' | 'status' | 'occurredAt'>;
  depth: number;
  current: boolean;
  after?: string;
}

interface Linked {
  row: ChainLine['row'];
  /** From the first cause to the nearest one. */
  causes: readonly ChainLine['row'][];
  effects: readonly ChainLine['row'][];
}

/** The lines from the first cause down to the effects, in the order in which they happened. */
export function chainLines({ row, causes, effects }: Linked): ChainLine[] {
  const down = [...causes, row];
  return [
    ...down.map((one, depth) => line(one, depth, one === row, down[depth - 1])),
    ...[...effects]
      .sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt))
      .map((one) => line(one, down.length, false, row)),
  ];
}

function line(
  row: ChainLine['row'],
  depth: number,
  current: boolean,
  cause: ChainLine['row'] | undefined,
): ChainLine {
  return { row, depth, current, after: cause && after(cause.occurredAt, row.occurredAt) };
}

/** How long after its cause something happened. Clocks of two machines may disagree: never less than nothing. */
export function after(cause: string, effect: string): string {
  const passed = Math.max(0, Date.parse(effect) - Date.parse(cause));
  return passed < 1 ? 'at once' : `after ${span(passed)}`;
}
