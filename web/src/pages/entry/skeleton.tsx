import { Bones, Page, Section } from '../../ui';

/** An entry before it is read. */
export function EntrySkeleton() {
  return (
    <Page
      heading="Entry"
      back={{ href: '/', label: 'Activity' }}
      lead={'\u00a0'}
      aside={
        <Section heading="Details">
          <Bones lines={12} />
        </Section>
      }
    >
      <Section heading="What changed">
        <Bones lines={3} label="Loading the entry" />
      </Section>
      <Section heading="Why">
        <Bones lines={6} />
      </Section>
      <Section heading="History">
        <Bones lines={3} />
      </Section>
    </Page>
  );
}
