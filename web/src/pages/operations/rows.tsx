import type { OperationRowFragment } from '../../generated/graphql';
import { Ago, actorName } from '../../parts/entry';
import { operationHref } from '../../parts/links';
import { useNow } from '../../parts/now';
import { OperationBadge, OperationBar } from '../../parts/operation';
import { countWords, isRunning, progressWords } from '../../parts/operation-words';
import { type Column, OneLine, RowLink, Stack, Table, type TableRow, Text, useNarrow } from '../../ui';

const wide: readonly Column[] = [
  { name: 'Operation', list: 'primary' },
  { name: 'Result', list: 'secondary' },
  { name: 'Started by', list: 'secondary' },
  { name: 'When', list: 'secondary' },
  { name: 'Status', list: 'inline' },
];

// A list gives each column a line of its own, so on a narrow screen who and when share one.
const narrow: readonly Column[] = [
  { name: 'Operation', list: 'primary' },
  { name: 'Result', list: 'secondary' },
  { name: 'Who and when', list: 'secondary' },
  { name: 'Status', list: 'inline' },
];

/** The operations under each other; on a narrow screen each as a few lines. */
export function OperationRows(props: {
  rows: readonly OperationRowFragment[];
  loading: boolean;
  paging: { next: boolean; previous: boolean; onNext: () => void; onPrevious: () => void };
}) {
  const isNarrow = useNarrow();
  const now = useNow();
  return (
    <Table
      columns={isNarrow ? narrow : wide}
      loading={props.loading}
      paging={props.paging}
      rows={props.rows.map((row): TableRow => {
        const link = `operation-${row.id}`;
        const name = (
          <RowLink key="name" id={link} href={operationHref(row.id)}>
            {row.title}
          </RowLink>
        );
        const came = <Result key="came" row={row} />;
        const who = actorName(row.createdBy);
        const status = <OperationBadge key="status" status={row.status} />;
        const when = <Ago key="when" at={row.createdAt} now={now} />;
        return {
          id: row.id,
          link,
          cells: isNarrow
            ? [
                name,
                came,
                <span key="who">
                  {who} · {when}
                </span>,
                status,
              ]
            : [
                <Stack key="name" gap="none">
                  {name}
                  <Text subdued>{row.selected}</Text>
                </Stack>,
                came,
                who,
                <OneLine key="at">{when}</OneLine>,
                status,
              ],
        };
      })}
    />
  );
}

/** How far it has come while it runs; what became of the records after. */
function Result({ row }: { row: OperationRowFragment }) {
  const { status, progress } = row;
  if (!isRunning(status)) return <Text tabular>{countWords(progress)}</Text>;
  return (
    <Stack gap="small-300">
      <OperationBar status={status} counts={progress} />
      <Text subdued tabular>
        {progressWords(status, progress)}
      </Text>
    </Stack>
  );
}
