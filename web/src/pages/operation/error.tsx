import { Button, EmptyState, Page, Section } from '../../ui';

/** An operation that could not be read. */
export function OperationError(props: { onRetry: () => void }) {
  return (
    <Page heading="Operation" back={{ href: '/operations', label: 'Operations' }}>
      <Section label="Operation">
        <EmptyState
          heading="The operation could not be loaded"
          icon="alert-circle"
          actions={
            <Button variant="primary" onClick={props.onRetry}>
              Try again
            </Button>
          }
        >
          If it runs, it goes on meanwhile. Check your connection and try again.
        </EmptyState>
      </Section>
    </Page>
  );
}
