import { Button, EmptyState } from '../../ui';

/** The operations where they could not be read. */
export function OperationsError(props: { onRetry: () => void }) {
  return (
    <EmptyState
      heading="The operations could not be loaded"
      icon="alert-circle"
      actions={
        <Button variant="primary" onClick={props.onRetry}>
          Try again
        </Button>
      }
    >
      What runs goes on meanwhile. Check your connection and try again.
    </EmptyState>
  );
}
