import { BoneRows, Bones, Page, Section, Toolbar } from '../../ui';

/** The page before anything is read. */
export function OperationsSkeleton() {
  return (
    <Page
      heading="Operations"
      size="large"
      lead="Changes to many records at once, each of which can be taken back"
    >
      <Section label="Operations" padding="none">
        <Toolbar wrap>
          <Bones lines={1} />
        </Toolbar>
        <OperationBones />
      </Section>
    </Page>
  );
}

/** The list before it is read. */
export function OperationBones() {
  return <BoneRows rows={10} label="Loading the operations" />;
}
