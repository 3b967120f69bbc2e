import { Bones, Button, Inset, Page, Section, Select, Toolbar } from '../../ui';

/** The page before anything is read. */
export function CleanerSkeleton() {
  return (
    <Page
      heading="Data cleaner"
      lead="Finds tags that are misspelled, too long or malformed, and mends them"
      primaryAction={
        <Button slot="primary-action" variant="primary" icon="search" disabled>
          Scan tags
        </Button>
      }
    >
      <Section label="Scan" padding="none">
        <Toolbar wrap>
          <Select
            label="Tags of"
            quiet
            disabled
            value="PRODUCT"
            options={[{ value: 'PRODUCT', label: 'Products' }]}
            onChange={() => {}}
          />
        </Toolbar>
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
