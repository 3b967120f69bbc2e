import { BoneRows, Page, Section } from '../../ui';
import { lead } from './lead';

/** The page before anything is read. */
export function ExportsSkeleton() {
  return (
    <Page heading="Exports" size="large" lead={lead}>
      <Section label="Exports" padding="none">
        <ExportBones />
      </Section>
    </Page>
  );
}

/** The list before it is read. */
export function ExportBones() {
  return <BoneRows rows={6} label="Loading the exports" />;
}
