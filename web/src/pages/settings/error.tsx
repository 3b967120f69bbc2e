import { Button, EmptyState, Page, Section } from '../../ui';

/** Settings that could not be read. */
export function SettingsError(props: { onRetry: () => void }) {
  return (
    <Page heading="Settings">
      <Section label="Settings">
        <EmptyState
          heading="The settings could not be loaded"
          icon="alert-circle"
          actions={
            <Button variant="primary" onClick={props.onRetry}>
              Try again
            </Button>
          }
        >
          They hold as they are. Check your connection and try again.
        </EmptyState>
      </Section>
    </Page>
  );
}
