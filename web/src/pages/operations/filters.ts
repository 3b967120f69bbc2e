// Which operations are listed, as the address says it and as the API takes it. Pure, so that it is tested.
import type { OperationFilter, OperationKind, OperationStatus } from '../../generated/graphql';
import { kinds } from '../../words/operations';

/** The statuses that a person tells apart. */
export const shownStatuses = ['running', 'completed', 'warnings', 'cancelled', 'failed'] as const;
export type ShownStatus = (typeof shownStatuses)[number];

export const statusNames: Record<ShownStatus, string> = {
  running: 'Running',
  completed: 'Completed',
  warnings: 'With warnings',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

const statusesOf: Record<ShownStatus, OperationStatus[]> = {
  running: ['QUEUED', 'COLLECTING', 'RUNNING', 'CANCELLING'],
  completed: ['COMPLETED'],
  warnings: ['COMPLETED_WITH_WARNINGS'],
  cancelled: ['CANCELLED'],
  failed: ['FAILED'],
};

export interface Filters {
  status?: ShownStatus;
  kind?: OperationKind;
}

/** The filters of an address. What it spells wrong is left out. */
export function readFilters(query: URLSearchParams): Filters {
  const status = shownStatuses.find((one) => one === query.get('status'));
  const kind = query.get('kind')?.toUpperCase();
  return {
    ...(status ? { status } : {}),
    ...(kind && Object.hasOwn(kinds, kind) ? { kind: kind as OperationKind } : {}),
  };
}

/** The address's query for filters and a page. */
export function writeQuery(filters: Filters, after?: string | null): string {
  const query = new URLSearchParams();
  if (filters.status) query.set('status', filters.status);
  if (filters.kind) query.set('kind', filters.kind.toLowerCase());
  if (after) query.set('after', after);
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** The API's filter. */
export function apiFilter(filters: Filters): OperationFilter {
  return {
    ...(filters.status ? { statuses: statusesOf[filters.status] } : {}),
    ...(filters.kind ? { kinds: [filters.kind] } : {}),
  };
}
