import { BoneRows, Bones, Page, Section } from '../../ui';

/** A record before it is read. */
export function RecordSkeleton() {
  return (
    <Page heading="Record" size="large" back={{ href: '/', label: 'Activity' }} lead={'\u00a0'}>
      <Section heading="Tags">
        <Bones lines={3} label="Loading the record" />
      </Section>
      <Section label="Activity" padding="none">
        <BoneRows rows={8} label="Loading the activity" />
      </Section>
    </Page>
  );
}
