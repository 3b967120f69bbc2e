// How far a job has come, read from its entry. Pure, so that it is tested.
import type { ActivityStatus } from '../../generated/graphql';
import { number, plural } from '../../words/words';

/** The counts of a job that retries: done are all that are through, also those that failed again. */
export interface JobProgress {
  total: number;
  done: number;
  failed: number;
}

/** The counts in a job's metadata; nothing where they are not there yet. */
export function progressOf(metadata: unknown): JobProgress | undefined {
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const { total, done, failed } = metadata as Record<string, unknown>;
  if (typeof total !== 'number') return undefined;
  return {
    total,
    done: typeof done === 'number' ? done : 0,
    failed: typeof failed === 'number' ? failed : 0,
  };
}

/** True while a job goes on. */
export function isRunning(status: ActivityStatus): boolean {
  return status === 'PENDING' || status === 'IN_PROGRESS';
}

/** How far a job has come, in words. */
export function progressWords(status: ActivityStatus, progress: JobProgress | undefined): string {
  if (!progress?.total) return isRunning(status) ? 'Starting' : 'Done';
  const { total, done, failed } = progress;
  const missed = failed > 0 ? `, ${number(failed)} failed again` : '';
  if (isRunning(status)) return `${number(done)} of ${number(total)} tried again${missed}`;
  if (failed === 0) return `${plural(done, 'entry', 'entries')} worked this time`;
  return `${number(done - failed)} of ${number(total)} worked this time${missed}`;
}
