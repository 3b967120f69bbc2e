import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import {
  type ActivityFilter,
  ExportColumnsDocument,
  type ExportFormat,
  type ExportRowFragment,
  ExportStartDocument,
} from '../../generated/graphql';
import {
  Banner,
  Button,
  Checkbox,
  ChoiceList,
  FieldError,
  Fold,
  Modal,
  Paragraph,
  Stack,
  TextField,
} from '../../ui';
import { plural } from '../../words/words';

type Problems = readonly { field?: readonly string[] | null; message: string }[];

/** Makes a file of what the log shows: how it is written, what it tells, and who gets a link. */
export function ExportDialog(props: { open: boolean; filter: ActivityFilter; onClose: () => void }) {
  const [{ data: known }] = useQuery({ query: ExportColumnsDocument, pause: !props.open });
  const [{ fetching }, start] = useMutation(ExportStartDocument);
  const [format, setFormat] = useState<ExportFormat>('CSV');
  const [bom, setBom] = useState(true);
  const [chosen, setChosen] = useState<readonly string[]>();
  const [email, setEmail] = useState('');
  const [problems, setProblems] = useState<Problems>([]);
  const [started, setStarted] = useState<ExportRowFragment>();

  const all = known?.exportColumns ?? [];
  const columns = chosen ?? all.filter((one) => one.preset).map((one) => one.name);
  const problem = (field: string) => problems.find((one) => (one.field?.[1] ?? '') === field)?.message;
  const run = async () => {
    const { data, error } = await start(
      {
        input: {
          filter: props.filter,
          format,
          columns: [...columns],
          email: email.trim() || null,
          bom: format === 'CSV' && bom,
        },
      },
      { additionalTypenames: ['Export'] },
    );
    setStarted(data?.exportStart.export ?? undefined);
    setProblems(
      error
        ? [{ message: 'The export could not be started. Try again.' }]
        : (data?.exportStart.userErrors ?? []),
    );
  };
  const close = () => {
    setStarted(undefined);
    setProblems([]);
    props.onClose();
  };
  return (
    <Modal
      heading={
        started
          ? started.url
            ? 'Your file is ready'
            : 'Your file is being written'
          : 'Export what the log shows'
      }
      open={props.open}
      onClose={close}
      primaryAction={
        started ? (
          started.url ? (
            <Button
              slot="primary-action"
              variant="primary"
              icon="download"
              href={started.url}
              download={`activity.${format.toLowerCase()}`}
            >
              Download
            </Button>
          ) : (
            <Button slot="primary-action" variant="primary" href="/exports">
              See exports
            </Button>
          )
        ) : (
          <Button
            slot="primary-action"
            variant="primary"
            busy={fetching}
            disabled={columns.length === 0}
            onClick={() => void run()}
          >
            Export
          </Button>
        )
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={close}>
          {started ? 'Close' : 'Cancel'}
        </Button>
      }
    >
      {started ? (
        <Started row={started} />
      ) : (
        <Stack>
          <ChoiceList<ExportFormat>
            label="Format"
            values={[format]}
            choices={[
              { value: 'CSV', label: 'CSV', details: 'For spreadsheets' },
              { value: 'JSONL', label: 'JSON lines', details: 'For programs: one object a line' },
            ]}
            onChange={([value]) => value && setFormat(value)}
          />
          {format === 'CSV' && (
            <Checkbox
              label="For Excel (byte order mark)"
              details="By it spreadsheets know UTF-8. Some programs stumble over it."
              checked={bom}
              onChange={setBom}
            />
          )}
          <Fold summary={`Columns: ${columns.length} of ${all.length}`}>
            <ChoiceList<string>
              label="Columns"
              quiet
              multiple
              error={problem('columns')}
              values={columns}
              choices={all.map((one) => ({ value: one.name, label: one.label, details: one.name }))}
              // In the file's own order, whatever the order in which they were chosen.
              onChange={(values) =>
                setChosen(all.map((one) => one.name).filter((name) => values.includes(name)))
              }
            />
          </Fold>
          <TextField
            label="Mail a link to (optional)"
            details="Whoever has the link can download the file, for seven days."
            error={problem('email')}
            value={email}
            onChange={setEmail}
          />
          <FieldError message={problem('') ?? problem('filter')} />
        </Stack>
      )}
    </Modal>
  );
}

function Started({ row }: { row: ExportRowFragment }) {
  return (
    <Stack>
      {row.url ? (
        <Paragraph>
          {plural(row.totalRows ?? row.rows, 'entry', 'entries')}, as the log was just now. For seven days you
          find the file under Exports, too.
        </Paragraph>
      ) : (
        <Paragraph>
          More than 10,000 entries are written in the background. Follow it under Exports; you can go on
          working.
        </Paragraph>
      )}
      {row.emailedTo && (
        <Banner tone="info" heading={`A link goes to ${row.emailedTo} when the file is there`} />
      )}
    </Stack>
  );
}
