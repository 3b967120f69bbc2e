import { Button, EmptyState } from '../../ui';

/** The rules where they could not be read. */
export function RulesError(props: { onRetry: () => void }) {
  return (
    <EmptyState
      heading="The rules could not be loaded"
      icon="alert-circle"
      actions={
        <Button variant="primary" onClick={props.onRetry}>
          Try again
        </Button>
      }
    >
      They go on working meanwhile. Check your connection and try again.
    </EmptyState>
  );
}
