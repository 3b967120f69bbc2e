import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useMutation, useQuery } from 'urql';
import {
  type OperationInput,
  OperationPreviewDocument,
  OperationStartDocument,
  type ResourceType,
} from '../../generated/graphql';
import { operationHref } from '../../parts/links';
import { refusal } from '../../parts/operation-words';
import { PreviewFigures } from '../../parts/preview';
import { useShop } from '../../parts/shop';
import { toast } from '../../shopify/admin';
import { Bones, Button, FieldError, Modal, Paragraph, Stack } from '../../ui';
import { promise } from '../new-operation/words';

const nothing: OperationInput = { kind: 'TAG_CLEANUP', resource: 'PRODUCT', selection: {} };

/** Asks before tags are cleaned, after saying what that would do. It shows while there is an input. */
export function Clean(props: {
  heading: string;
  about: string;
  verb: string;
  input: OperationInput | null;
  resource: ResourceType;
  onClose: () => void;
}) {
  const { input } = props;
  const navigate = useNavigate();
  const shop = useShop();
  const [problem, setProblem] = useState<string>();
  const [{ fetching: starting }, start] = useMutation(OperationStartDocument);
  const [{ data, error, fetching }] = useQuery({
    query: OperationPreviewDocument,
    variables: { input: input ?? nothing },
    pause: input === null,
    requestPolicy: 'network-only',
  });
  const preview = input && !fetching ? data?.operationPreview : undefined;
  const wrong = problem ?? refusal(preview?.userErrors, input && !fetching && error);
  const close = () => {
    setProblem(undefined);
    props.onClose();
  };
  const begin = async () => {
    if (!input) return;
    setProblem(undefined);
    const { data: done, error: failed } = await start({ input }, { additionalTypenames: ['Operation'] });
    const operation = done?.operationStart.operation;
    if (!operation) return setProblem(refusal(done?.operationStart.userErrors, failed ?? true));
    toast('Operation started');
    props.onClose();
    navigate(operationHref(operation.id));
  };
  return (
    <Modal
      heading={props.heading}
      open={input !== null}
      onClose={close}
      primaryAction={
        <Button
          slot="primary-action"
          variant="primary"
          disabled={!preview || preview.userErrors.length > 0}
          busy={starting}
          onClick={() => void begin()}
        >
          {props.verb}
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={close}>
          Cancel
        </Button>
      }
    >
      <Stack>
        <Paragraph>{props.about}</Paragraph>
        {input && !preview && !wrong && <Bones lines={3} label="Looking at what would change" />}
        {preview && preview.userErrors.length === 0 && (
          <PreviewFigures preview={preview} resource={props.resource} />
        )}
        <Paragraph subdued>{promise(shop?.plan, shop?.settings.snapshotDays)}</Paragraph>
        <FieldError message={wrong} />
      </Stack>
    </Modal>
  );
}
