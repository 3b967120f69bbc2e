import { Bones, Inset, Page, Section } from '../../ui';

/** The page before anything is read. */
export function FailuresSkeleton() {
  return (
    <Page
      heading="Failures"
      back={{ href: '/', label: 'Activity' }}
      lead="What went wrong, by its cause, and what to do about it"
    >
      <Section label="Failures by cause" padding="none">
        <GroupBones />
      </Section>
    </Page>
  );
}

/** The causes before they are read. */
export function GroupBones() {
  return (
    <Inset>
      <Bones lines={8} label="Loading the failures" />
    </Inset>
  );
}
