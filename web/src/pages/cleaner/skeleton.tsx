import { Bones, Inset, Page, Section } from '../../ui';

/** The page before anything is read. */
export function CleanerSkeleton() {
  return (
    <Page heading="Data cleaner" lead="Finds tags that are misspelled, too long or malformed, and mends them">
      <Section label="Scan" padding="none">
        <CleanerBones />
      </Section>
    </Page>
  );
}

/** The findings before they are read. */
export function CleanerBones() {
  return (
    <Inset>
      <Bones lines={8} label="Loading the findings" />
    </Inset>
  );
}
