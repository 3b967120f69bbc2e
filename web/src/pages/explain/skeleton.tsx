import { Bones, Page, Section } from '../../ui';

/** The answers before they are known. */
export function ExplainSkeleton() {
  return (
    <>
      <Section label="Answers">
        <Bones lines={4} label="Looking for the reason" />
      </Section>
      <Section label="More answers">
        <Bones lines={4} />
      </Section>
    </>
  );
}

/** The whole page before its code is loaded. */
export function ExplainPageSkeleton() {
  return (
    <Page
      heading="Why didn’t a rule fire?"
      back={{ href: '/', label: 'Activity' }}
      lead="Pick a record, and each rule says what it made of it and why"
    >
      <Section heading="Record and rule">
        <Bones lines={4} label="Loading the question" />
      </Section>
    </Page>
  );
}
