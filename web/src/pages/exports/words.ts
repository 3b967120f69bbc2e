// How exports are told of.
import type { ExportRowFragment, ExportStatus } from '../../generated/graphql';
import type { BadgeTone } from '../../ui';
import { number, plural } from '../../words/words';

const statuses: Record<ExportStatus, { name: string; tone: BadgeTone }> = {
  QUEUED: { name: 'Queued', tone: 'neutral' },
  RUNNING: { name: 'Running', tone: 'caution' },
  COMPLETED: { name: 'Ready', tone: 'success' },
  FAILED: { name: 'Failed', tone: 'critical' },
  CANCELLED: { name: 'Cancelled', tone: 'neutral' },
  EXPIRED: { name: 'Ended', tone: 'neutral' },
};

/** How an export stands. A small one can be had at once, before its file is written. */
export function standing(row: Pick<ExportRowFragment, 'status' | 'url'>): { name: string; tone: BadgeTone } {
  return statuses[isOpen(row.status) && row.url ? 'COMPLETED' : row.status];
}

/** Whether an export is still to come or being written. */
export function isOpen(status: ExportStatus): boolean {
  return status === 'QUEUED' || status === 'RUNNING';
}

/** How much it is, or how far it has come. */
export function amount(row: Pick<ExportRowFragment, 'status' | 'rows' | 'totalRows' | 'bytes'>): string {
  const entries = (value: number) => plural(value, 'entry', 'entries');
  if (row.status === 'QUEUED' || (row.status === 'RUNNING' && row.rows === 0)) {
    return row.totalRows === null || row.totalRows === undefined ? 'To be counted' : entries(row.totalRows);
  }
  if (row.status === 'RUNNING') {
    return row.totalRows ? `${number(row.rows)} of ${entries(row.totalRows)}` : `${entries(row.rows)} so far`;
  }
  if (row.status === 'FAILED' || row.status === 'CANCELLED') return 'No file';
  return row.bytes ? `${entries(row.rows)} · ${size(row.bytes)}` : entries(row.rows);
}

/** A number of bytes in words. */
export function size(bytes: number): string {
  if (bytes < 1000) return plural(bytes, 'byte');
  if (bytes < 1_000_000) return `${number(Math.round(bytes / 1000))} kB`;
  return `${number(Math.round(bytes / 100_000) / 10)} MB`;
}
