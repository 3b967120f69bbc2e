import { Button, EmptyState } from '../../ui';

/** The causes where they could not be read. */
export function FailuresError(props: { onRetry: () => void }) {
  return (
    <EmptyState
      heading="The failures could not be loaded"
      icon="alert-circle"
      actions={
        <Button variant="primary" onClick={props.onRetry}>
          Try again
        </Button>
      }
    >
      Nothing is lost: what failed is kept and can be tried again. Check your connection and try again.
    </EmptyState>
  );
}
