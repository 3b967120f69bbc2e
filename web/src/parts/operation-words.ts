// What an operation's numbers say, in words. Pure, so that it is tested.
import type { CountsFragment, ItemOutcome, OperationStatus } from '../generated/graphql';
import { speed, wait } from '../words/operations';
import { number, plural } from '../words/words';

/** True while an operation goes on. */
export function isRunning(status: OperationStatus): boolean {
  return status === 'QUEUED' || status === 'COLLECTING' || status === 'RUNNING' || status === 'CANCELLING';
}

/** How many records are through, whatever became of them. */
export function done(counts: CountsFragment): number {
  return counts.total - counts.pending;
}

/** How far an operation has come, such as 1,240 of 2,000 · 52 a second · 15 s left. */
export function progressWords(status: OperationStatus, counts: CountsFragment): string {
  const words = [where(status, counts)];
  if (status === 'RUNNING' && !counts.waitingFor) {
    if (counts.perSecond > 0) words.push(speed(counts.perSecond));
    if (counts.secondsLeft !== null) words.push(`${wait(counts.secondsLeft)} left`);
  }
  return words.join(' · ');
}

function where(status: OperationStatus, counts: CountsFragment): string {
  switch (status) {
    case 'QUEUED':
      return 'About to begin';
    case 'COLLECTING':
      return counts.total === 0 ? 'Reading the records' : `${plural(counts.total, 'record')} read so far`;
    case 'CANCELLING':
      return `Stopping; ${number(done(counts))} of ${number(counts.total)} were done`;
    default:
      return `${number(done(counts))} of ${number(counts.total)}`;
  }
}

/** What became of the records, in a line; what is none is left out. */
export function countWords(counts: CountsFragment): string {
  const said: [number, string][] = [
    [counts.succeeded, 'changed'],
    [counts.unchanged, 'unchanged'],
    [counts.failed, 'failed'],
    [counts.conflicts, 'in conflict'],
    [counts.skipped, 'not tried'],
  ];
  const words = said.filter(([count]) => count > 0).map(([count, what]) => `${number(count)} ${what}`);
  return words.length > 0 ? words.join(' · ') : 'Nothing changed';
}

/** How many records have an outcome. */
export function countOf(counts: CountsFragment, outcome: ItemOutcome): number {
  switch (outcome) {
    case 'PENDING':
      return counts.pending;
    case 'SUCCEEDED':
      return counts.succeeded;
    case 'UNCHANGED':
      return counts.unchanged;
    case 'FAILED':
      return counts.failed;
    case 'SKIPPED':
      return counts.skipped;
    case 'CONFLICT':
      return counts.conflicts;
  }
}

/** What can be read from an answer of the server to a write: the first problem in words, or that it was not reached. */
export function refusal(
  errors: readonly { message: string }[] | undefined,
  failed: unknown,
): string | undefined {
  if (errors && errors.length > 0) return errors.map((one) => one.message).join(' ');
  return failed ? 'The server could not be reached. Try again.' : undefined;
}
