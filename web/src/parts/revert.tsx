// Taking back: the button, why it cannot be used, and the question with its preview.
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { useMutation, useQuery } from 'urql';
import {
  OperationRevertDocument,
  type ResourceType,
  type RevertInput,
  type RevertMode,
  RevertPreviewDocument,
} from '../generated/graphql';
import { toast } from '../shopify/admin';
import {
  Badge,
  type BadgeTone,
  Bones,
  Button,
  ChoiceList,
  FieldError,
  Fold,
  Items,
  Modal,
  Paragraph,
  Spoken,
  Stack,
  Term,
  Text,
  TextField,
} from '../ui';
import { revertStates } from '../words/operations';
import { sentence } from '../words/words';
import { operationHref } from './links';
import { TagChips } from './operation';
import { refusal } from './operation-words';
import { modes, previewSentences, type RevertPreview, revertVerb, toRevert } from './revert-words';
import { useShop } from './shop';

/** What is to be taken back; how, and with which note, is asked. */
export type RevertTarget = Omit<RevertInput, 'mode' | 'note'>;

/** The button of a page's head. Nothing where there is nothing to take back; disabled where it cannot be. */
export function RevertButton(props: {
  revertible: boolean;
  notRevertible: string | null;
  variant?: 'primary' | 'secondary';
  onClick: () => void;
}) {
  const shop = useShop();
  if (!props.revertible && !props.notRevertible) return null;
  const primary = props.variant === 'primary';
  return (
    <Button
      slot={primary ? 'primary-action' : 'secondary-actions'}
      variant={primary ? 'primary' : 'auto'}
      icon="undo"
      disabled={!props.revertible}
      onClick={props.onClick}
    >
      {shop?.plan === 'FREE' ? 'Revert (Pro)' : 'Revert'}
    </Button>
  );
}

/** Why something cannot be taken back, as a fact beside it; said to be of the Pro plan where that is why. */
export function NotRevertible({ reason }: { reason: string | null }) {
  const shop = useShop();
  if (!reason) return null;
  return (
    <Term name="Revert">
      {shop?.plan === 'FREE' && (
        <>
          <Badge tone="info">Pro</Badge>{' '}
        </>
      )}
      {reason}
    </Term>
  );
}

/** Asks how to take something back, after saying what that would do. */
export function RevertDialog(props: {
  heading: string;
  open: boolean;
  /** Null while what is to be taken back is not told yet. */
  target: RevertTarget | null;
  resource?: ResourceType;
  onClose: () => void;
  /** What asks for the target. */
  children?: ReactNode;
}) {
  const { open, target, resource } = props;
  const navigate = useNavigate();
  const [mode, setMode] = useState<RevertMode>('KEEP_LATER_EDITS');
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<string>();
  const [{ fetching: starting }, revert] = useMutation(OperationRevertDocument);
  const [{ data, error, fetching }] = useQuery({
    query: RevertPreviewDocument,
    variables: { input: { ...target, mode } },
    pause: !open || target === null,
    requestPolicy: 'network-only',
  });
  const shown = open && target !== null && !fetching ? data?.revertPreview : undefined;
  const wrong = problem ?? refusal(shown?.userErrors, open && target !== null && !fetching && error);
  const ready = shown !== undefined && shown.userErrors.length === 0 && toRevert(shown) > 0;

  const close = () => {
    setProblem(undefined);
    props.onClose();
  };
  const start = async () => {
    if (!target) return;
    setProblem(undefined);
    const input = { ...target, mode, ...(note.trim() ? { note: note.trim() } : {}) };
    const { data: done, error: failed } = await revert(
      { input },
      { additionalTypenames: ['Operation', 'Activity'] },
    );
    const operation = done?.operationRevert.operation;
    if (!operation) {
      setProblem(refusal(done?.operationRevert.userErrors, failed ?? true));
      return;
    }
    toast('Revert started');
    props.onClose();
    navigate(operationHref(operation.id));
  };
  return (
    <Modal
      heading={props.heading}
      open={open}
      onClose={close}
      primaryAction={
        <Button
          slot="primary-action"
          variant="primary"
          critical
          disabled={!ready}
          busy={starting}
          onClick={() => void start()}
        >
          {revertVerb(shown, resource)}
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={close}>
          Cancel
        </Button>
      }
    >
      <Stack>
        {props.children}
        {target !== null && !shown && !wrong && (
          <Bones lines={3} label="Looking at what would be taken back" />
        )}
        {shown && shown.userErrors.length === 0 && <Told preview={shown} resource={resource} mode={mode} />}
        <FieldError message={wrong} />
        <ChoiceList<RevertMode>
          label="How"
          values={[mode]}
          choices={modes}
          onChange={([value]) => value && setMode(value)}
        />
        <TextField label="Note" details="Shown in the log" value={note} onChange={setNote} />
        {shown && <Sample sample={shown.sample} drifted={shown.drifted} />}
      </Stack>
    </Modal>
  );
}

const stateTones: Record<string, BadgeTone> = { RESTORE: 'success', DRIFTED: 'warning', GONE: 'critical' };

/** What a revert would do, in sentences. */
function Told(props: { preview: RevertPreview; resource: ResourceType | undefined; mode: RevertMode }) {
  const words = previewSentences(props.preview, props.resource, props.mode).join(' ');
  return (
    <>
      <Paragraph>{words}</Paragraph>
      <Spoken live>{words}</Spoken>
    </>
  );
}

/** A few records with what would become of them; open where some were changed since, which come first. */
function Sample(props: { sample: RevertPreview['sample']; drifted: number }) {
  const { sample } = props;
  if (sample.length === 0) return null;
  return (
    <Fold
      open={props.drifted > 0}
      summary={<Text>{sample.length === 1 ? 'What would change' : `${sample.length} of them`}</Text>}
    >
      <Items
        label="What would become of them"
        items={sample.map((one) => ({
          key: one.resourceId,
          head: (
            <>
              <Text strong>{one.title}</Text>
              <Badge tone={stateTones[one.state] ?? 'neutral'}>
                {revertStates[one.state] ?? sentence(one.state)}
              </Badge>
            </>
          ),
          children: <TagChips before={one.now} after={one.after} />,
        }))}
      />
    </Fold>
  );
}
