import { Bones, Page, Section } from '../../ui';

/** A rule's form before it is read. */
export function RuleSkeleton() {
  return (
    <Page
      heading="Rule"
      back={{ href: '/rules', label: 'Rules' }}
      lead={'\u00a0'}
      aside={
        <Section heading="Running">
          <Bones lines={6} />
        </Section>
      }
    >
      <Section heading="Rule">
        <Bones lines={6} label="Loading the rule" />
      </Section>
      <Section heading="Conditions">
        <Bones lines={8} />
      </Section>
    </Page>
  );
}
