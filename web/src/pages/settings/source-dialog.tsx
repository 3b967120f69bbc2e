import { useState } from 'react';
import { useMutation } from 'urql';
import { type SourceKind, type SourceRowFragment, SourceSaveDocument } from '../../generated/graphql';
import { copy, toast } from '../../shopify/admin';
import {
  Button,
  CopyBox,
  FieldError,
  Modal,
  NumberField,
  SecretField,
  Select,
  Stack,
  Steps,
  TextField,
} from '../../ui';
import { kinds, otherProblem, problemAt } from './words';

const noProblems: readonly { field: string[] | null; message: string }[] = [];
const fields = ['name', 'secret', 'toleranceSeconds'];

interface Draft {
  kind: SourceKind;
  name: string;
  secret: string;
  tolerance: string;
}

/** Connects a sender, in the order in which it can be done: it shows its secret once it knows our address. Or changes one. */
export function SourceDialog(props: {
  source: SourceRowFragment | null;
  open: boolean;
  onClose: () => void;
}) {
  const { source } = props;
  const [draft, setDraft] = useState<Draft>({
    kind: source?.kind ?? 'STRIPE',
    name: source?.name ?? '',
    secret: '',
    tolerance: String(source?.toleranceSeconds ?? 300),
  });
  const [connected, setConnected] = useState<SourceRowFragment>();
  const [problems, setProblems] = useState(noProblems);
  const [{ fetching }, save] = useMutation(SourceSaveDocument);

  const run = async () => {
    const { data, error } = await save(
      {
        input: {
          id: source?.id,
          kind: draft.kind,
          name: draft.name.trim() || kinds[draft.kind].name,
          secret: draft.secret.trim() || undefined,
          toleranceSeconds: Number.parseInt(draft.tolerance, 10) || 0,
        },
      },
      { additionalTypenames: ['Source'] },
    );
    const saved = data?.sourceSave.source;
    if (!saved) {
      const refused = data?.sourceSave.userErrors ?? noProblems;
      setProblems(error ? [{ field: null, message: 'The source could not be saved. Try again.' }] : refused);
    } else if (source) {
      toast('Source changed');
      props.onClose();
    } else setConnected(saved);
  };
  if (connected) return <Connected source={connected} open={props.open} onClose={props.onClose} />;
  return (
    <Modal
      heading={source ? `Change ${source.name}` : 'Connect a source'}
      open={props.open}
      onClose={props.onClose}
      primaryAction={
        <Button slot="primary-action" variant="primary" busy={fetching} onClick={() => void run()}>
          {source ? 'Save' : 'Connect'}
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={props.onClose}>
          Cancel
        </Button>
      }
    >
      <SourceForm
        source={source}
        draft={draft}
        problems={problems}
        onChange={(next) => {
          setDraft(next);
          setProblems(noProblems);
        }}
      />
    </Modal>
  );
}

function SourceForm(props: {
  source: SourceRowFragment | null;
  draft: Draft;
  problems: typeof noProblems;
  onChange: (draft: Draft) => void;
}) {
  const { source, draft, problems, onChange } = props;
  const kind = kinds[draft.kind];
  return (
    <Stack>
      {source === null && (
        <Select<SourceKind>
          label="Sender"
          value={draft.kind}
          options={(Object.keys(kinds) as SourceKind[]).map((value) => ({
            value,
            label: kinds[value].name,
          }))}
          onChange={(value) => onChange({ ...draft, kind: value })}
        />
      )}
      <TextField
        label="Name"
        placeholder={kind.name}
        details="It stands in the log as the actor"
        error={problemAt(problems, 'name')}
        value={draft.name}
        onChange={(name) => onChange({ ...draft, name })}
      />
      <NumberField
        label="Clocks may differ by"
        whole
        min={30}
        suffix="seconds"
        details="What was signed longer ago is refused, so that nobody can send it again. 300 suits nearly all."
        error={problemAt(problems, 'toleranceSeconds')}
        value={draft.tolerance}
        onChange={(tolerance) => onChange({ ...draft, tolerance })}
      />
      {source && (
        <SecretField
          label={kind.secret}
          required={source.needsSecret}
          details={
            source.needsSecret
              ? 'Until it is here, everything it sends is refused'
              : 'Leave it empty to keep the one that is there'
          }
          error={problemAt(problems, 'secret')}
          value={draft.secret}
          onChange={(secret) => onChange({ ...draft, secret })}
        />
      )}
      <FieldError message={otherProblem(problems, fields)} />
    </Stack>
  );
}

function Connected(props: { source: SourceRowFragment; open: boolean; onClose: () => void }) {
  const { source } = props;
  const [secret, setSecret] = useState('');
  const [problems, setProblems] = useState(noProblems);
  const [{ fetching }, save] = useMutation(SourceSaveDocument);
  const { id, kind, name, toleranceSeconds } = source;
  const run = async () => {
    const { data, error } = await save(
      { input: { id, kind, name, toleranceSeconds, secret: secret.trim() } },
      { additionalTypenames: ['Source'] },
    );
    if (data?.sourceSave.source) {
      toast('Source connected');
      props.onClose();
    } else if (error) setProblems([{ field: null, message: 'The secret could not be saved. Try again.' }]);
    else setProblems(data?.sourceSave.userErrors ?? noProblems);
  };
  return (
    <Modal
      heading={`Connect ${name}`}
      open={props.open}
      onClose={props.onClose}
      primaryAction={
        <Button slot="primary-action" variant="primary" busy={fetching} onClick={() => void run()}>
          Save
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={props.onClose}>
          Later
        </Button>
      }
    >
      <Stack>
        <CopyBox
          label="The address"
          text={source.url}
          action={
            <Button icon="duplicate" onClick={() => void copy(source.url, 'Address copied')}>
              Copy
            </Button>
          }
        />
        <Steps steps={kinds[kind].steps} />
        <SecretField
          label={kinds[kind].secret}
          required
          details="Until it is here, everything it sends is refused"
          error={problemAt(problems, 'secret')}
          value={secret}
          onChange={(next) => {
            setSecret(next);
            setProblems(noProblems);
          }}
        />
        <FieldError message={otherProblem(problems, ['secret'])} />
      </Stack>
    </Modal>
  );
}
