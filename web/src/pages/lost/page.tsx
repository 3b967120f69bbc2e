import { Button, EmptyState, Page, Section } from '../../ui';

/** What stands at an address that leads nowhere. */
export function LostPage() {
  return (
    <Page heading="Page not found" size="base">
      <Section label="Page not found">
        <EmptyState
          heading="There is nothing at this address"
          icon="search"
          actions={
            <Button variant="primary" href="/">
              Go to activity
            </Button>
          }
        >
          The address may be mistyped, or the page may have moved.
        </EmptyState>
      </Section>
    </Page>
  );
}
