import { Bones, Page, Section } from '../../ui';

/** An operation before it is read. */
export function OperationSkeleton() {
  return (
    <Page
      heading="Operation"
      back={{ href: '/operations', label: 'Operations' }}
      lead={'\u00a0'}
      aside={
        <Section heading="Details">
          <Bones lines={14} />
        </Section>
      }
    >
      <Section heading="Result">
        <Bones lines={3} label="Loading the operation" />
      </Section>
      <Section label="Records">
        <Bones lines={12} />
      </Section>
    </Page>
  );
}
