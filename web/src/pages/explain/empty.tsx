import { Button, EmptyState, Section } from '../../ui';

/** What stands where no rule is about this kind of record. */
export function ExplainEmpty() {
  return (
    <Section label="No rules">
      <EmptyState
        heading="No rule is about this kind of record"
        icon="filter"
        actions={
          <Button variant="primary" href="/rules/new">
            Create a rule
          </Button>
        }
      >
        So nothing was to happen. A rule looks at orders, at customers or at products.
      </EmptyState>
    </Section>
  );
}
