import { useState } from 'react';
import { useMutation } from 'urql';
import { OperationCancelDocument } from '../../generated/graphql';
import { done, refusal } from '../../parts/operation-words';
import { toast } from '../../shopify/admin';
import { Button, FieldError, Modal, Paragraph } from '../../ui';
import { records } from '../../words/operations';
import { number } from '../../words/words';
import type { Operation } from './page';

/** Asks before an operation is stopped. */
export function Cancel(props: { operation: Operation; open: boolean; onClose: () => void }) {
  const { operation } = props;
  const [problem, setProblem] = useState<string>();
  const [{ fetching }, cancel] = useMutation(OperationCancelDocument);
  const through = done(operation.progress);
  const close = () => {
    setProblem(undefined);
    props.onClose();
  };
  const stop = async () => {
    setProblem(undefined);
    const { data, error } = await cancel({ id: operation.id });
    const wrong = refusal(data?.operationCancel.userErrors, error);
    if (wrong) return setProblem(wrong);
    toast('Stopping the operation');
    props.onClose();
  };
  return (
    <Modal
      heading="Cancel this operation?"
      open={props.open}
      onClose={close}
      primaryAction={
        <Button slot="primary-action" variant="primary" critical busy={fetching} onClick={() => void stop()}>
          Cancel operation
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={close}>
          Let it go on
        </Button>
      }
    >
      <Paragraph>
        {through === 0
          ? 'Nothing is changed yet, and nothing will be.'
          : `${number(through)} of ${records(operation.progress.total, operation.resource)} are done. What is written already stays, and can be taken back. The rest is not tried.`}
      </Paragraph>
      <FieldError message={problem} />
    </Modal>
  );
}
