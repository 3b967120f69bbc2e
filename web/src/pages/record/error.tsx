import { Button, EmptyState, Page, Section } from '../../ui';

/** A record whose activity could not be read. */
export function RecordError(props: { onRetry: () => void }) {
  return (
    <Page heading="Record" back={{ href: '/', label: 'Activity' }}>
      <Section label="Record">
        <EmptyState
          heading="The record could not be loaded"
          icon="alert-circle"
          actions={
            <Button variant="primary" onClick={props.onRetry}>
              Try again
            </Button>
          }
        >
          What happened to it is still in the log. Check your connection and try again.
        </EmptyState>
      </Section>
    </Page>
  );
}
