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

/** The list where the search could not be understood. */
export function ActivityMisread(props: { onClear: () => void }) {
  return (
    <EmptyState
      heading="The search cannot be read"
      icon="search"
      actions={
        <Button variant="primary" onClick={props.onClear}>
          Clear the search
        </Button>
      }
    >
      What is wrong stands under it. Correct it there, or clear it.
    </EmptyState>
  );
}
