import { Button, EmptyState, Page, Section } from '../../ui';

/** What stands where no rule has the id of the address. */
export function RuleEmpty() {
  return (
    <Page heading="Rule not found" back={{ href: '/rules', label: 'Rules' }}>
      <Section label="Rule not found">
        <EmptyState
          heading="This shop has no such rule"
          icon="search"
          actions={
            <Button variant="primary" href="/rules">
              Go to rules
            </Button>
          }
        >
          It may have been deleted. What it did is still in the log.
        </EmptyState>
      </Section>
    </Page>
  );
}
