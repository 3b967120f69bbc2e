import { useQuery } from 'urql';
import { type OperationInput, OperationPreviewDocument } from '../../generated/graphql';
import {
  Bones,
  Button,
  Checkbox,
  ChoiceList,
  Ends,
  Examples,
  FieldError,
  Section,
  Stack,
  Text,
  TextArea,
  TextField,
} from '../../ui';
import { noun, records } from '../../words/operations';
import { CSVField } from './csv-field';
import { type Draft, type How, inputOf, mostIds, type Problems, readIds } from './draft';
import { examplesOf } from './selection-words';

/** The second step: which records. */
export function WhichStep(props: {
  draft: Draft;
  problems: Problems;
  busy: boolean;
  onChange: (draft: Draft) => void;
  onBack: () => void;
  onNext: () => void;
}) {
  const { draft, problems, onChange } = props;
  const many = noun(draft.resource);
  return (
    <Section heading={`Which ${many}?`}>
      <Stack>
        <ChoiceList<How>
          label="How they are chosen"
          quiet
          values={[draft.how]}
          choices={[
            { value: 'search', label: 'Those that a search finds' },
            { value: 'ids', label: 'Those that I name' },
            { value: 'csv', label: 'Those in a CSV file' },
            { value: 'all', label: 'Everything', details: `All ${many} of the shop` },
          ]}
          onChange={([how]) => how && onChange({ ...draft, how })}
        />
        {draft.how === 'search' && <SearchPart {...props} />}
        {draft.how === 'ids' && <IdsPart {...props} />}
        {draft.how === 'csv' && (
          <CSVField
            resource={draft.resource}
            csv={draft.csv}
            error={problems.get('selection.csv')}
            onChange={(csv) => onChange({ ...draft, csv })}
          />
        )}
        {draft.how === 'all' && <AllPart {...props} />}
        <FieldError message={problems.get('selection') ?? problems.get('')} />
        <Ends start={<Button onClick={props.onBack}>Back</Button>}>
          <Button variant="primary" busy={props.busy} onClick={props.onNext}>
            See preview
          </Button>
        </Ends>
      </Stack>
    </Section>
  );
}

interface Part {
  draft: Draft;
  problems: Problems;
  onChange: (draft: Draft) => void;
}

function SearchPart({ draft, problems, onChange }: Part) {
  const goes = draft.kind === 'TAG_ADD' ? undefined : draft.tags[0];
  return (
    <Stack gap="small">
      <TextField
        label="Search"
        details="In the syntax of the search in Shopify’s admin"
        error={problems.get('selection.query')}
        value={draft.search}
        onChange={(search) => onChange({ ...draft, search })}
      />
      <Examples
        label="Examples"
        examples={examplesOf(draft.resource, goes)}
        onTake={(search) => onChange({ ...draft, search })}
      />
    </Stack>
  );
}

function IdsPart({ draft, problems, onChange }: Part) {
  const { ids } = readIds(draft.ids, draft.resource);
  return (
    <TextArea
      label="Ids, numbers or addresses from the admin"
      details={`One on each line, at most ${mostIds}.${ids.length > 0 ? ` ${records(ids.length, draft.resource)} so far.` : ''}`}
      rows={6}
      error={problems.get('selection.ids')}
      value={draft.ids}
      onChange={(text) => onChange({ ...draft, ids: text })}
    />
  );
}

/** Every record must be meant: the box says how many there are. */
function AllPart({ draft, problems, onChange }: Part) {
  const input: OperationInput = { ...inputOf({ ...draft, how: 'all' }), note: null };
  const [{ data, error, fetching }] = useQuery({ query: OperationPreviewDocument, variables: { input } });
  if (fetching) return <Bones lines={1} label="Counting" />;
  const preview = data?.operationPreview;
  const total = preview && preview.userErrors.length === 0 ? preview.total : undefined;
  const count =
    total === undefined
      ? noun(draft.resource)
      : `${preview?.exact ? '' : 'more than '}${records(total, draft.resource)}`;
  return (
    <Stack gap="small-300">
      <Checkbox
        label={`Yes, all ${count}`}
        checked={draft.sure}
        error={problems.get('selection.all')}
        onChange={(sure) => onChange({ ...draft, sure })}
      />
      {error && <Text subdued>How many there are could not be counted just now.</Text>}
    </Stack>
  );
}
