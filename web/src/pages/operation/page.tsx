import { useState } from 'react';
import { useParams } from 'react-router';
import { useMutation, useQuery } from 'urql';
import { isNotFound } from '../../api/client';
import {
  OperationDocument,
  type OperationFullFragment,
  OperationRetryDocument,
} from '../../generated/graphql';
import { Ago, actorName } from '../../parts/entry';
import { useLiveOperation } from '../../parts/live-operation';
import { useNow } from '../../parts/now';
import { OperationBadge } from '../../parts/operation';
import { isRunning, refusal } from '../../parts/operation-words';
import { RevertButton, RevertDialog } from '../../parts/revert';
import { toast } from '../../shopify/admin';
import { Banner, Button, Page, Text } from '../../ui';
import { records } from '../../words/operations';
import { Cancel } from './cancel';
import { Causes } from './causes';
import { Details } from './details';
import { OperationEmpty } from './empty';
import { OperationError } from './error';
import { History } from './history';
import { ItemsSection } from './items';
import { OperationSkeleton } from './skeleton';
import { State } from './state';

export type Operation = OperationFullFragment;

/** One operation: how far it is, what became of each record, and how to take it back. */
export function OperationPage() {
  const { id = '' } = useParams();
  return <OneOperation key={id} id={id} />;
}

function OneOperation({ id }: { id: string }) {
  const [{ data, error, fetching }, read] = useQuery({
    query: OperationDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  const reread = () => read({ requestPolicy: 'network-only' });
  const operation = data?.operation;
  const running = operation ? isRunning(operation.status) : false;
  const live = useLiveOperation(operation?.id, running, reread);

  if (!operation) {
    if (isNotFound(error)) return <OperationEmpty />;
    if (error) return <OperationError onRetry={reread} />;
    return fetching || !data ? <OperationSkeleton /> : <OperationEmpty />;
  }
  // What is told live is newer than what was read, until it is read again after the end.
  return <Loaded operation={running && live ? { ...operation, ...live } : operation} onChanged={reread} />;
}

type Asking = 'cancel' | 'revert' | 'items' | null;

function Loaded(props: { operation: Operation; onChanged: () => void }) {
  const { operation } = props;
  const [asking, setAsking] = useState<Asking>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const retry = useRetryFailed(operation);
  const now = useNow();
  const close = () => setAsking(null);
  return (
    <Page
      heading={operation.title}
      back={{ href: '/operations', label: 'Operations' }}
      lead={
        <>
          <OperationBadge status={operation.status} />
          <Text subdued>
            {operation.selected} · {actorName(operation.createdBy)},{' '}
            <Ago at={operation.createdAt} now={now} lower />
          </Text>
        </>
      }
      primaryAction={
        isRunning(operation.status) ? (
          operation.cancellable && (
            <Button slot="primary-action" icon="stop-circle" onClick={() => setAsking('cancel')}>
              Cancel operation
            </Button>
          )
        ) : (
          <RevertButton
            variant="primary"
            revertible={operation.revertible}
            notRevertible={operation.notRevertible}
            onClick={() => setAsking('revert')}
          />
        )
      }
      aside={<Details operation={operation} />}
    >
      {retry.problem && (
        <Banner tone="critical" heading="It was not tried again" onDismiss={retry.dismiss}>
          {retry.problem}
        </Banner>
      )}
      {operation.error && !retry.problem && (
        <Banner tone="critical" heading="The operation could not be done">
          {operation.error.message}
        </Banner>
      )}
      <State operation={operation} />
      <Causes operation={operation} busy={retry.busy} onRetry={() => void retry.run()} />
      <ItemsSection
        operation={operation}
        chosen={chosen}
        onChoose={setChosen}
        onRevert={() => setAsking('items')}
      />
      <History history={operation.activity.history} />
      <Cancel operation={operation} open={asking === 'cancel'} onClose={close} />
      <RevertDialog
        heading="Revert this operation?"
        open={asking === 'revert'}
        target={{ operationId: operation.id }}
        resource={operation.resource}
        onClose={close}
      />
      <RevertDialog
        heading={`Revert ${records(chosen.size, operation.resource)} of this operation?`}
        open={asking === 'items'}
        target={{ operationId: operation.id, itemIds: [...chosen] }}
        resource={operation.resource}
        onClose={close}
      />
    </Page>
  );
}

/** Tries again what failed. */
function useRetryFailed(operation: Operation) {
  const [problem, setProblem] = useState<string>();
  const [{ fetching }, retry] = useMutation(OperationRetryDocument);
  return {
    busy: fetching,
    problem,
    dismiss: () => setProblem(undefined),
    run: async () => {
      setProblem(undefined);
      const { data, error } = await retry({ id: operation.id });
      const wrong = refusal(data?.operationRetry.userErrors, error);
      if (wrong) setProblem(wrong);
      else toast('Trying again what failed');
    },
  };
}
