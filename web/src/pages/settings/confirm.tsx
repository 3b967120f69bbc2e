import { type ReactNode, useState } from 'react';
import { Button, FieldError, Modal, Paragraph, Stack } from '../../ui';

/** Asks before something is ended for good. onConfirm gives what went wrong, if anything did. */
export function Confirm(props: {
  heading: string;
  verb: string;
  open: boolean;
  onClose: () => void;
  onConfirm: () => Promise<string | undefined>;
  children: ReactNode;
  /** What is to be chosen besides. */
  choice?: ReactNode;
  /** Whether nothing is lost by it. */
  harmless?: boolean;
}) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    const refused = await props.onConfirm();
    setBusy(false);
    setProblem(refused);
    if (!refused) props.onClose();
  };
  return (
    <Modal
      heading={props.heading}
      open={props.open}
      onClose={() => {
        setProblem(undefined);
        props.onClose();
      }}
      primaryAction={
        <Button
          slot="primary-action"
          variant="primary"
          critical={!props.harmless}
          busy={busy}
          onClick={() => void confirm()}
        >
          {props.verb}
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={props.onClose}>
          Cancel
        </Button>
      }
    >
      <Stack>
        <Paragraph>{props.children}</Paragraph>
        {props.choice}
        <FieldError message={problem} />
      </Stack>
    </Modal>
  );
}
