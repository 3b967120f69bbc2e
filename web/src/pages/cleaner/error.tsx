import { Button, EmptyState } from '../../ui';

/** The findings where they could not be read. */
export function CleanerError(props: { onRetry: () => void }) {
  return (
    <EmptyState
      heading="The findings could not be loaded"
      icon="alert-circle"
      actions={
        <Button variant="primary" onClick={props.onRetry}>
          Try again
        </Button>
      }
    >
      Your tags are as they were. Check your connection and try again.
    </EmptyState>
  );
}
