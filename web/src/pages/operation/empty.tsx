import { Button, EmptyState, Page, Section } from '../../ui';

/** What stands where no operation has the id of the address. */
export function OperationEmpty() {
  return (
    <Page heading="Operation not found" back={{ href: '/operations', label: 'Operations' }}>
      <Section label="Operation not found">
        <EmptyState
          heading="This shop has no such operation"
          icon="search"
          actions={
            <Button variant="primary" href="/operations">
              Go to operations
            </Button>
          }
        >
          It may be too old to be kept, or the link is incomplete or belongs to another shop.
        </EmptyState>
      </Section>
    </Page>
  );
}
