import { useQuery } from 'urql';
import { AnyActivityDocument } from '../../generated/graphql';
import { Button, EmptyState } from '../../ui';
import { list, statuses, types } from '../../words/words';
import { cleared, type Filters, isNarrowed, isWide, tabName } from './filters';
import { ActivitySkeleton } from './skeleton';

/** The list where nothing is in it: because nothing happened yet, or because nothing matches. */
export function ActivityEmpty(props: { filters: Filters; onChange: (filters: Filters) => void }) {
  const [{ data, fetching }] = useQuery({ query: AnyActivityDocument, requestPolicy: 'network-only' });
  if (fetching && !data) return <ActivitySkeleton />;
  if (data?.activities.nodes.length === 0) return <NothingYet />;
  return <NothingMatches {...props} />;
}

function NothingYet() {
  return (
    <EmptyState
      heading="Nothing has happened yet"
      icon="clock"
      actions={
        <Button variant="primary" href="/rules/new">
          Create a rule
        </Button>
      }
    >
      As soon as an order, a customer or a product of your shop changes, it appears here: what happened, which
      rules looked at it, what they changed and why. This page updates by itself.
    </EmptyState>
  );
}

function NothingMatches({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
  const wide = { ...cleared(filters), tab: 'ALL' as const };
  return (
    <EmptyState
      heading="Nothing matches"
      icon="search"
      actions={
        <>
          {filters.range !== '30d' && (
            <Button onClick={() => onChange({ ...filters, range: '30d', first: undefined, last: undefined })}>
              Show last 30 days
            </Button>
          )}
          {(isNarrowed(filters) || filters.tab !== 'ALL') && (
            <Button variant="primary" onClick={() => onChange(wide)}>
              Clear filters
            </Button>
          )}
        </>
      }
    >
      {described(filters)}
    </EmptyState>
  );
}

/** What was looked for, as a sentence. */
function described(filters: Filters): string {
  if (isWide(filters)) return 'No entries in the last 24 hours.';
  const parts = [
    filters.tab === 'ALL' ? '' : `under ${tabName(filters.tab)}`,
    filters.statuses.length > 0
      ? `with status ${list(
          filters.statuses.map((s) => statuses[s]),
          'or',
        )}`
      : '',
    filters.types.length > 0
      ? `of type ${list(
          filters.types.map((t) => types[t]),
          'or',
        )}`
      : '',
    filters.entity ? 'about this record' : '',
    ranges[filters.range],
  ];
  return `No entries ${parts.filter(Boolean).join(' ')}.`;
}

const ranges = {
  today: 'today',
  '24h': 'in the last 24 hours',
  '7d': 'in the last 7 days',
  '30d': 'in the last 30 days',
  custom: 'between these days',
};
