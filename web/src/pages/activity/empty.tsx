import { useMemo } from 'react';
import { useQuery } from 'urql';
import { AnyActivityDocument, WiderDocument } from '../../generated/graphql';
import { explainHref } from '../../parts/links';
import { Button, EmptyState, PickList } from '../../ui';
import { count } from '../../words/words';
import type { Filters } from './filters';
import type { Names } from './known';
import { ActivitySkeleton } from './skeleton';
import { widen } from './widen';

/** The list where nothing is in it: because nothing happened yet, or because nothing matches. */
export function ActivityEmpty(props: {
  filters: Filters;
  names: Names;
  zone: string;
  onChange: (filters: Filters) => void;
}) {
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

/** Says what to widen: each way with how many entries it would show. */
function NothingMatches(props: {
  filters: Filters;
  names: Names;
  zone: string;
  onChange: (filters: Filters) => void;
}) {
  const { filters, names, zone } = props;
  const ways = useMemo(() => widen(filters, names, new Date(), zone), [filters, names, zone]);
  const [{ data }] = useQuery({
    query: WiderDocument,
    variables: {
      first: ways[0]?.filter,
      second: ways[1]?.filter,
      third: ways[2]?.filter,
      fourth: ways[3]?.filter,
      hasSecond: ways.length > 1,
      hasThird: ways.length > 2,
      hasFourth: ways.length > 3,
    },
    pause: ways.length === 0,
  });
  const counts = [data?.first, data?.second, data?.third, data?.fourth];
  // A way that shows nothing either is none.
  const items = ways.flatMap((way, at) => {
    const of = counts[at]?.totalCount;
    if (of?.count === 0) return [];
    const details = of && `${count(of)} ${of.count === 1 ? 'entry' : 'entries'}`;
    return [{ id: way.name, name: way.name, details }];
  });
  return (
    <EmptyState
      heading="Nothing matches"
      icon="search"
      actions={
        <Button href={explainHref({ record: filters.entity, rule: filters.rule })}>
          Why did nothing happen?
        </Button>
      }
      more={
        items.length > 0 && (
          <PickList
            label="Ways to look wider"
            items={items}
            onPick={(name) => {
              const way = ways.find((one) => one.name === name);
              if (way) props.onChange(way.filters);
            }}
          />
        )
      }
    >
      {items.length > 0
        ? 'No entries match all of this. You can look wider:'
        : 'No entries match, however wide.'}
    </EmptyState>
  );
}
