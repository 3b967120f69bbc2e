import { Button, EmptyState, Page, Section } from '../../ui';

/** An entry that could not be read. */
export function EntryError(props: { onRetry: () => void }) {
  return (
    <Page heading="Entry" back={{ href: '/', label: 'Activity' }}>
      <Section label="Entry">
        <EmptyState
          heading="The entry could not be loaded"
          icon="alert-circle"
          actions={
            <Button variant="primary" onClick={props.onRetry}>
              Try again
            </Button>
          }
        >
          It is still in the log. Check your connection and try again.
        </EmptyState>
      </Section>
    </Page>
  );
}
