import { Button, EmptyState } from '../../ui';

/** The list where it could not be read. */
export function ActivityError(props: { onRetry: () => void }) {
  return (
    <EmptyState
      heading="The log could not be loaded"
      icon="alert-circle"
      actions={
        <Button variant="primary" onClick={props.onRetry}>
          Try again
        </Button>
      }
    >
      Nothing is lost: entries are kept on the server. Check your connection and try again.
    </EmptyState>
  );
}
