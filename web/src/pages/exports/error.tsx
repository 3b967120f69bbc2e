import { Button, EmptyState } from '../../ui';

/** The exports where they could not be read. */
export function ExportsError(props: { onRetry: () => void }) {
  return (
    <EmptyState
      heading="The exports could not be loaded"
      icon="alert-circle"
      actions={
        <Button variant="primary" onClick={props.onRetry}>
          Try again
        </Button>
      }
    >
      What is being written goes on meanwhile. Check your connection and try again.
    </EmptyState>
  );
}
