import { BoneRows, Page, Section } from '../../ui';

/** The rules before they are read. */
export function RulesSkeleton() {
  return (
    <Page heading="Rules" size="large" lead="What tags a record gets, and when">
      <Section label="Rules" padding="none">
        <BoneRows rows={6} label="Loading the rules" />
      </Section>
    </Page>
  );
}
