import { useEffect, useEffectEvent, useMemo } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { listen } from '../../api/live';
import {
  type OperationKind,
  type OperationRowFragment,
  OperationsChangedDocument,
  OperationsDocument,
} from '../../generated/graphql';
import { useLiveOperations } from '../../parts/live-operation';
import { isRunning } from '../../parts/operation-words';
import { useTrail } from '../../parts/trail';
import { Button, Page, Section, Select, Toolbar } from '../../ui';
import { kinds } from '../../words/operations';
import { NoOperations, NothingMatches } from './empty';
import { OperationsError } from './error';
import { apiFilter, type Filters, readFilters, type ShownStatus, statusNames, writeQuery } from './filters';
import { OperationRows } from './rows';
import { OperationBones } from './skeleton';

const pageSize = 50;
const none: OperationRowFragment[] = [];
// An empty list names no operation, so it says itself that it depends on them.
const context = { additionalTypenames: ['Operation'] };

// A browser keeps only six connections to a server open; the newest that run are watched, the others read again.
const mostWatched = 3;

/** What was changed in bulk, newest first, and what is being changed now. */
export function OperationsPage() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const filters = useMemo(() => readFilters(query), [query]);
  const after = query.get('after');
  const [{ data, error, stale }, read] = useQuery({
    query: OperationsDocument,
    variables: { first: pageSize, after, filter: apiFilter(filters) },
    context,
    requestPolicy: 'cache-and-network',
  });
  const reread = () => read({ requestPolicy: 'network-only' });
  useOperationChanges(reread);

  const rows = data?.operations.nodes ?? none;
  const watched = rows.filter((row) => isRunning(row.status)).slice(0, mostWatched);
  const live = useLiveOperations(
    watched.map((row) => row.id),
    reread,
  );
  const shown = rows.map((row) => (isRunning(row.status) ? (live.get(row.id) ?? row) : row));
  const page = data?.operations.pageInfo;
  const trail = useTrail(after, (to) => navigate({ search: writeQuery(filters, to) }));
  const narrowed = filters.status !== undefined || filters.kind !== undefined;
  return (
    <Page
      heading="Operations"
      size="large"
      lead="Changes to many records at once, each of which can be taken back"
      primaryAction={
        <Button slot="primary-action" variant="primary" href="/operations/new">
          New operation
        </Button>
      }
    >
      <Section label="Operations" padding="none">
        {(narrowed || rows.length > 0 || !data) && (
          <FilterBar filters={filters} onChange={(next) => navigate({ search: writeQuery(next) })} />
        )}
        {!data && error ? (
          <OperationsError onRetry={reread} />
        ) : !data ? (
          <OperationBones />
        ) : shown.length === 0 ? (
          narrowed ? (
            <NothingMatches onClear={() => navigate({ search: '' })} />
          ) : (
            <NoOperations />
          )
        ) : (
          <OperationRows
            rows={shown}
            loading={stale}
            paging={{
              next: page?.hasNextPage ?? false,
              previous: after !== null,
              onNext: () => trail.onNext(page?.endCursor),
              onPrevious: trail.onPrevious,
            }}
          />
        )}
      </Section>
    </Page>
  );
}

type Any<Value> = Value | 'any';

function FilterBar(props: { filters: Filters; onChange: (filters: Filters) => void }) {
  const { filters, onChange } = props;
  return (
    <Toolbar wrap>
      <Select<Any<ShownStatus>>
        label="Status"
        quiet
        value={filters.status ?? 'any'}
        options={[
          { value: 'any', label: 'Any status' },
          ...(Object.keys(statusNames) as ShownStatus[]).map((value) => ({
            value,
            label: statusNames[value],
          })),
        ]}
        onChange={(value) => onChange({ ...filters, status: value === 'any' ? undefined : value })}
      />
      <Select<Any<OperationKind>>
        label="Kind"
        quiet
        value={filters.kind ?? 'any'}
        options={[
          { value: 'any', label: 'Any kind' },
          ...(Object.keys(kinds) as OperationKind[]).map((value) => ({ value, label: kinds[value] })),
        ]}
        onChange={(value) => onChange({ ...filters, kind: value === 'any' ? undefined : value })}
      />
    </Toolbar>
  );
}

/** Reads the list again, at most every second, when the log tells of an operation. */
function useOperationChanges(reread: () => void): void {
  const onChange = useEffectEvent(reread);
  useEffect(() => {
    let first = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        onChange();
      }, 1000);
    };
    const stop = listen(
      OperationsChangedDocument,
      {},
      {
        next: soon,
        connected: () => {
          if (!first) soon();
          first = false;
        },
      },
    );
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
}
