import { useEffect, useEffectEvent, useRef } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import {
  type ItemOutcome,
  type OperationItemRowFragment,
  OperationItemsDocument,
} from '../../generated/graphql';
import { recordHref } from '../../parts/links';
import { OutcomeBadge, TagChips } from '../../parts/operation';
import { countOf, done, isRunning } from '../../parts/operation-words';
import { useTrail } from '../../parts/trail';
import {
  Bones,
  Button,
  Checkbox,
  EmptyState,
  FieldError,
  Inset,
  Items,
  Link,
  Section,
  Stack,
  StickyBar,
  Tabs,
  Text,
  Toolbar,
} from '../../ui';
import { noun, outcomes, records } from '../../words/operations';
import { number, sentence } from '../../words/words';
import type { Operation } from './page';

type Tab = 'all' | Lowercase<ItemOutcome>;

const order: readonly ItemOutcome[] = ['SUCCEEDED', 'FAILED', 'CONFLICT', 'UNCHANGED', 'SKIPPED', 'PENDING'];
const pageSize = 50;
/** The most items that a revert of chosen ones takes. */
const mostChosen = 250;
/** How long what is shown of a running operation may be old, in milliseconds. */
const oldest = 2000;
const none: OperationItemRowFragment[] = [];

/** The records, by what became of them; those that were changed can be chosen to be taken back. */
export function ItemsSection(props: {
  operation: Operation;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onRevert: () => void;
}) {
  const { operation, chosen, onChoose } = props;
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const tab = tabOf(query.get('outcome'));
  const after = query.get('after');
  const turn = (to: { tab: Tab; after: string | null }) => navigate({ search: writeQuery(to) });
  const trail = useTrail(after, (cursor) => turn({ tab, after: cursor }));
  const [{ data, error }, read] = useQuery({
    query: OperationItemsDocument,
    variables: {
      id: operation.id,
      first: pageSize,
      after,
      outcomes: tab === 'all' ? null : [tab.toUpperCase() as ItemOutcome],
    },
    requestPolicy: 'cache-and-network',
  });
  const reread = () => read({ requestPolicy: 'network-only' });
  useReadWhileRunning(operation, after === null, reread);

  const items = data?.operation?.items;
  const rows = items?.nodes ?? none;
  const choosable = operation.revertible && !isRunning(operation.status);
  return (
    <Section label="Records" padding="none">
      <Toolbar>
        <Tabs<Tab>
          label="Records by what became of them"
          selected={tab}
          tabs={tabsOf(operation)}
          onSelect={(next) => turn({ tab: next, after: null })}
        />
      </Toolbar>
      <Inset>
        {!items && error ? (
          <Stack gap="small">
            <FieldError message="The records could not be loaded." />
            <Stack inline>
              <Button onClick={reread}>Try again</Button>
            </Stack>
          </Stack>
        ) : !items ? (
          <Bones lines={12} label="Loading the records" />
        ) : rows.length === 0 ? (
          <NoItems operation={operation} tab={tab} />
        ) : (
          <Stack>
            <Items
              label={sentence(noun(operation.resource))}
              items={rows.map((row) => ({
                key: row.id,
                head: (
                  <ItemHead
                    row={row}
                    chosen={choosable && canRevert(row) ? chosen.has(row.id) : undefined}
                    full={chosen.size >= mostChosen}
                    onChoose={(on) => onChoose(withOrWithout(chosen, row.id, on))}
                  />
                ),
                children: <ItemChange row={row} />,
              }))}
            />
            <Pages
              next={items.pageInfo.hasNextPage}
              previous={after !== null}
              onNext={() => trail.onNext(items.pageInfo.endCursor)}
              onPrevious={trail.onPrevious}
            />
          </Stack>
        )}
      </Inset>
      {chosen.size > 0 && choosable && (
        <StickyBar label="Chosen records">
          <Text>
            {`${records(chosen.size, operation.resource)} chosen`}
            {chosen.size >= mostChosen ? ', the most that can be at once' : ''}
          </Text>
          <Stack inline gap="small-200">
            <Button onClick={() => onChoose(new Set())}>Choose none</Button>
            <Button icon="undo" critical variant="primary" onClick={props.onRevert}>
              {`Revert ${records(chosen.size, operation.resource)}`}
            </Button>
          </Stack>
        </StickyBar>
      )}
    </Section>
  );
}

function tabOf(outcome: string | null): Tab {
  const found = order.find((one) => one.toLowerCase() === outcome);
  return found ? (found.toLowerCase() as Tab) : 'all';
}

function writeQuery(to: { tab: Tab; after: string | null }): string {
  const query = new URLSearchParams();
  if (to.tab !== 'all') query.set('outcome', to.tab);
  if (to.after) query.set('after', to.after);
  return query.toString();
}

/** All records and those of each outcome that there is. */
function tabsOf(operation: Operation): { id: Tab; name: string; count: string }[] {
  const { progress } = operation;
  return [
    { id: 'all', name: 'All', count: number(progress.total) },
    ...order
      .map((outcome) => ({ outcome, count: countOf(progress, outcome) }))
      .filter(({ outcome, count }) => count > 0 || outcome === 'SUCCEEDED' || outcome === 'FAILED')
      .map(({ outcome, count }) => ({
        id: outcome.toLowerCase() as Tab,
        name: outcomes[outcome],
        count: number(count),
      })),
  ];
}

/** True where the operation changed something of the record that a revert can take back. */
function canRevert(row: OperationItemRowFragment): boolean {
  return row.added.length + row.removed.length > 0;
}

function withOrWithout(chosen: ReadonlySet<string>, id: string, on: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (on) next.add(id);
  else next.delete(id);
  return next;
}

function ItemHead(props: {
  row: OperationItemRowFragment;
  /** Undefined where it cannot be chosen. */
  chosen: boolean | undefined;
  full: boolean;
  onChoose: (on: boolean) => void;
}) {
  const { row, chosen } = props;
  return (
    <>
      {chosen !== undefined && (
        <Checkbox
          label={`Choose ${row.title}`}
          quiet
          checked={chosen}
          disabled={props.full && !chosen}
          onChange={props.onChoose}
        />
      )}
      <Link href={recordHref(row.resourceId)}>{row.title}</Link>
      <OutcomeBadge outcome={row.outcome} />
    </>
  );
}

const conflict =
  'Somebody else changed it at the same time, and whose change is whose cannot be told. Look at its tags.';

/** What the operation did to a record; while it is to be done, what it will do. */
function ItemChange({ row }: { row: OperationItemRowFragment }) {
  return (
    <>
      {row.outcome === 'FAILED' && row.error && <Text tone="critical">{row.error.message}</Text>}
      {row.outcome === 'CONFLICT' && <Text>{row.error?.message ?? conflict}</Text>}
      {row.outcome === 'PENDING' || row.added.length + row.removed.length === 0 ? (
        <TagChips before={row.before} after={row.outcome === 'PENDING' ? row.after : row.before} />
      ) : (
        <TagChips before={kept(row).concat(row.removed)} after={kept(row).concat(row.added)} />
      )}
    </>
  );
}

/** The tags that the operation left alone: what others changed at the same time is not its deed. */
function kept(row: OperationItemRowFragment): string[] {
  const changed = new Set([...row.added, ...row.removed]);
  const before = Array.isArray(row.before) ? (row.before as string[]) : [];
  return before.filter((tag) => !changed.has(tag));
}

function NoItems(props: { operation: Operation; tab: Tab }) {
  const { operation, tab } = props;
  if (tab !== 'all') {
    return (
      <EmptyState heading={`No ${noun(operation.resource)} here`} icon="search">
        What became of the records is counted beside each tab.
      </EmptyState>
    );
  }
  return isRunning(operation.status) ? (
    <EmptyState heading="Reading the records" icon="clock">
      They appear here as soon as they are read.
    </EmptyState>
  ) : (
    <EmptyState heading="No records" icon="search">
      The operation had no record to work on.
    </EmptyState>
  );
}

function Pages(props: { next: boolean; previous: boolean; onNext: () => void; onPrevious: () => void }) {
  if (!props.next && !props.previous) return null;
  return (
    <Stack inline gap="small-200" justify="center">
      <Button disabled={!props.previous} onClick={props.onPrevious}>
        Previous
      </Button>
      <Button disabled={!props.next} onClick={props.onNext}>
        Next
      </Button>
    </Stack>
  );
}

/** Reads the first page again while the operation goes on, now and then, and whatever is shown once more when it ends. */
function useReadWhileRunning(operation: Operation, firstPage: boolean, reread: () => void): void {
  const state = `${done(operation.progress)} of ${operation.progress.total}`;
  const running = isRunning(operation.status);
  const read = useRef(state);
  const look = useEffectEvent(() => {
    if (read.current === state) return;
    read.current = state;
    reread();
  });
  useEffect(() => {
    if (!running || !firstPage) return;
    const timer = setInterval(() => look(), oldest);
    return () => clearInterval(timer);
  }, [running, firstPage]);
  const wasRunning = useRef(running);
  const again = useEffectEvent(reread);
  useEffect(() => {
    if (wasRunning.current && !running) again();
    wasRunning.current = running;
  }, [running]);
}
