import type { ExportRowFragment } from '../../generated/graphql';
import { Ago, actorName } from '../../parts/entry';
import { useNow } from '../../parts/now';
import { useZone } from '../../parts/shop';
import {
  Badge,
  Button,
  type Column,
  OneLine,
  Progress,
  Stack,
  Table,
  type TableRow,
  Text,
  useNarrow,
} from '../../ui';
import { shopTime } from '../../words/dates';
import { amount, isOpen, standing } from './words';

const wide: readonly Column[] = [
  { name: 'Entries', list: 'primary' },
  { name: 'Amount', list: 'secondary' },
  { name: 'By', list: 'secondary' },
  { name: 'Status', list: 'inline' },
  { name: 'Actions', list: 'secondary' },
];

/** The exports under each other; on a narrow screen each as a few lines. */
export function ExportRows(props: {
  rows: readonly ExportRowFragment[];
  loading: boolean;
  busy: boolean;
  paging: { next: boolean; previous: boolean; onNext: () => void; onPrevious: () => void };
  onCancel: (id: string) => void;
  onRenew: (id: string) => void;
}) {
  const isNarrow = useNarrow();
  const now = useNow();
  return (
    <Table
      columns={wide}
      loading={props.loading}
      paging={props.paging}
      rows={props.rows.map((row): TableRow => {
        const who = (
          <>
            {actorName(row.createdBy)} · <Ago at={row.createdAt} now={now} />
          </>
        );
        return {
          id: row.id,
          cells: [
            <Stack key="what" gap="none">
              <span>{row.selected}</span>
              <Text subdued>{row.format === 'CSV' ? 'CSV' : 'JSON lines'}</Text>
            </Stack>,
            <Came key="came" row={row} />,
            isNarrow ? <span key="who">{who}</span> : <OneLine key="who">{who}</OneLine>,
            <Badge key="status" tone={standing(row).tone} busy={row.status === 'RUNNING'}>
              {standing(row).name}
            </Badge>,
            <Actions key="actions" {...props} row={row} narrow={isNarrow} />,
          ],
        };
      })}
    />
  );
}

/** How far it has come while it is written; how much it is, and what went wrong, after. */
function Came({ row }: { row: ExportRowFragment }) {
  const zone = useZone();
  return (
    <Stack gap="small-300">
      {row.status === 'RUNNING' && row.totalRows ? (
        <Progress label={amount(row)} value={row.rows} max={row.totalRows} tone="auto" />
      ) : null}
      <OneLine>
        <Text tabular>{amount(row)}</Text>
      </OneLine>
      {row.error && <Text subdued>{row.error}</Text>}
      {row.url && row.expiresAt && <Text subdued>Until {shopTime(row.expiresAt, zone)}</Text>}
      {row.emailedTo && isOpen(row.status) && <Text subdued>A link goes to {row.emailedTo}</Text>}
    </Stack>
  );
}

function Actions(props: {
  row: ExportRowFragment;
  busy: boolean;
  narrow: boolean;
  onCancel: (id: string) => void;
  onRenew: (id: string) => void;
}) {
  const { row } = props;
  const all = (
    <>
      {row.url && (
        <Button icon="download" href={row.url} download={`activity.${row.format.toLowerCase()}`}>
          Download
        </Button>
      )}
      {row.renewable && (
        <Button disabled={props.busy} variant="tertiary" onClick={() => props.onRenew(row.id)}>
          Renew
        </Button>
      )}
      {row.cancellable && (
        <Button disabled={props.busy} variant="tertiary" onClick={() => props.onCancel(row.id)}>
          Cancel
        </Button>
      )}
    </>
  );
  return props.narrow ? (
    <Stack inline gap="small-200">
      {all}
    </Stack>
  ) : (
    <OneLine>{all}</OneLine>
  );
}
