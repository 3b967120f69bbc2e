import { Button, EmptyState, Page, Section } from '../../ui';

/** A rule that could not be read. */
export function RuleError(props: { onRetry: () => void }) {
  return (
    <Page heading="Rule" back={{ href: '/rules', label: 'Rules' }}>
      <Section label="Rule">
        <EmptyState
          heading="The rule could not be loaded"
          icon="alert-circle"
          actions={
            <Button variant="primary" onClick={props.onRetry}>
              Try again
            </Button>
          }
        >
          It goes on working meanwhile. Check your connection and try again.
        </EmptyState>
      </Section>
    </Page>
  );
}
