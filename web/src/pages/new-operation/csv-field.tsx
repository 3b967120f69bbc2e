import { useState } from 'react';
import { useQuery } from 'urql';
import {
  type ResourceType,
  SelectionFromCsvDocument,
  type SelectionFromCsvQuery,
} from '../../generated/graphql';
import { Bones, Button, FieldError, FileField, PlainTable, Stack, Text } from '../../ui';
import { records } from '../../words/operations';
import { number, plural } from '../../words/words';
import { largest, textOf } from './file';

type Read = SelectionFromCsvQuery['selectionFromCSV'];

/** A CSV file that names records: what each column is taken for, and which lines are wrong. */
export function CSVField(props: {
  resource: ResourceType;
  csv: { name: string; text: string } | null;
  error: string | undefined;
  onChange: (csv: { name: string; text: string } | null) => void;
}) {
  const { resource, csv } = props;
  const [refused, setRefused] = useState<string>();
  const [{ data, error, fetching }, read] = useQuery({
    query: SelectionFromCsvDocument,
    variables: { resource, csv: csv?.text ?? '' },
    pause: csv === null,
  });
  const choose = async (file: File) => {
    setRefused(undefined);
    if (file.size > largest) return setRefused('The file is larger than 5 MB. Split it into smaller ones.');
    props.onChange({ name: file.name, text: await textOf(file) });
  };
  if (csv === null) {
    return (
      <FileField
        label="CSV file with a column of ids, names, e-mail addresses or handles"
        accept=".csv,.txt,text/csv"
        error={refused ?? props.error}
        onChoose={(file) => void choose(file)}
        onReject={() => setRefused('This is no CSV file.')}
      />
    );
  }
  return (
    <Stack gap="small">
      <Stack inline gap="small" align="center">
        <Text strong>{csv.name}</Text>
        <Button variant="tertiary" icon="x" onClick={() => props.onChange(null)}>
          Choose another file
        </Button>
      </Stack>
      {fetching ? (
        <Bones lines={3} label="Reading the file" />
      ) : error || !data ? (
        <Stack gap="small-300">
          <FieldError message="The file could not be read. Check your connection and try again." />
          <Stack inline>
            <Button onClick={() => read({ requestPolicy: 'network-only' })}>Try again</Button>
          </Stack>
        </Stack>
      ) : (
        <Found read={data.selectionFromCSV} resource={resource} />
      )}
      <FieldError message={props.error} />
    </Stack>
  );
}

const uses: Record<string, string> = {
  id: 'the id',
  name: 'the name',
  email: 'the e-mail address',
  handle: 'the handle',
};

function Found({ read, resource }: { read: Read; resource: ResourceType }) {
  return (
    <Stack gap="small">
      <Text>{`It names ${records(read.records, resource)}.`}</Text>
      <PlainTable
        label="Columns"
        heads={['Column', 'Taken for']}
        rows={read.columns.map((column, at) => ({
          key: `${at} ${column.name}`,
          cells: [
            column.name,
            column.usedAs ? (uses[column.usedAs] ?? column.usedAs) : <Text subdued>not used</Text>,
          ],
        }))}
      />
      {read.errors.length > 0 && (
        <>
          <FieldError
            message={`${plural(read.errors.length, 'line is', 'lines are')} wrong${read.errors.length >= 100 ? ', or more' : ''}. Mend them in the file and choose it again.`}
          />
          <PlainTable
            label="Lines that are wrong"
            heads={['Line', 'What is wrong']}
            rows={read.errors.map((one) => ({
              key: `${one.line} ${one.message}`,
              cells: [number(one.line), one.message],
            }))}
          />
        </>
      )}
    </Stack>
  );
}
