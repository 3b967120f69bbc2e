import { Bones, Page, Section } from '../../ui';

/** The first step before its code has come. */
export function NewOperationSkeleton() {
  return (
    <Page
      heading="New operation"
      back={{ href: '/operations', label: 'Operations' }}
      lead="Nothing is written until you start it in the last step"
    >
      <Section label="Steps">
        <Bones lines={1} />
      </Section>
      <Section heading="What is to be done?">
        <Bones lines={14} label="Loading the steps" />
      </Section>
    </Page>
  );
}
