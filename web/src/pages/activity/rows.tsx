import type { ActivityRowFragment } from '../../generated/graphql';
import { Ago, actorName, StatusBadge } from '../../parts/entry';
import { revertHref } from '../../parts/links';
import {
  Button,
  type Column,
  OneLine,
  RowAction,
  RowLink,
  Table,
  type TableRow,
  Text,
  useNarrow,
} from '../../ui';
import { types } from '../../words/words';

const wide: readonly Column[] = [
  { name: 'Time', list: 'secondary' },
  { name: 'Type', list: 'secondary' },
  { name: 'Actor', list: 'secondary' },
  { name: 'Event', list: 'primary' },
  { name: 'Status', list: 'inline' },
  { name: 'Revert', list: 'labeled' },
];

// A list gives each column a line of its own, so on a narrow screen time, type and actor share one.
const narrow: readonly Column[] = [
  { name: 'Event', list: 'primary' },
  { name: 'When and who', list: 'secondary' },
  { name: 'Status', list: 'inline' },
];

const rowId = 'entry-';

/** The links of the rows that are shown, in their order. */
export function rowLinks(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`a[id^="${rowId}"]`)];
}

/** True while a row has the focus: it is being read. */
export function isRowFocused(): boolean {
  return document.activeElement?.id.startsWith(rowId) ?? false;
}

/** The entries under each other; on a narrow screen each in two lines. */
export function ActivityRows(props: {
  rows: readonly ActivityRowFragment[];
  fresh: ReadonlySet<string>;
  now: number;
  paging: { next: boolean; previous: boolean; onNext: () => void; onPrevious: () => void };
}) {
  const isNarrow = useNarrow();
  return (
    <Table
      columns={isNarrow ? narrow : wide}
      paging={props.paging}
      rows={props.rows.map((row): TableRow => {
        const time = (
          <Text key="time" subdued>
            <Ago at={row.occurredAt} now={props.now} />
          </Text>
        );
        const event = (
          <RowLink key="event" id={rowId + row.id} href={`/activity/${row.id}`}>
            {row.summary}
          </RowLink>
        );
        const status = <StatusBadge key="status" status={row.status} />;
        const who = `${types[row.type]} · ${actorName(row.actor)}`;
        return {
          id: row.id,
          link: rowId + row.id,
          fresh: props.fresh.has(row.id),
          cells: isNarrow
            ? [
                event,
                <span key="who">
                  {time} · {who}
                </span>,
                status,
              ]
            : [
                time,
                <OneLine key="type">{types[row.type]}</OneLine>,
                actorName(row.actor),
                event,
                status,
                <TakeBack key="back" row={row} />,
              ],
        };
      })}
    />
  );
}

/** Leads to the question whether to take it back. On a narrow screen only the entry's page has it. */
function TakeBack({ row }: { row: ActivityRowFragment }) {
  if (!row.revertible) return null;
  return (
    <RowAction>
      <Button variant="tertiary" icon="undo" label={`Revert: ${row.summary}`} href={revertHref(row.id)} />
    </RowAction>
  );
}
