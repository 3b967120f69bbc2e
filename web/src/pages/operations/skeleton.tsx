import { BoneRows, Button, Page, Section, Select, Toolbar } from '../../ui';

/** The page before anything is read. */
export function OperationsSkeleton() {
  return (
    <Page
      heading="Operations"
      size="large"
      lead="Changes to many records at once, each of which can be taken back"
      primaryAction={
        <Button slot="primary-action" variant="primary" href="/operations/new">
          New operation
        </Button>
      }
    >
      <Section label="Operations" padding="none">
        <Toolbar wrap>
          <Waiting label="Status" any="Any status" />
          <Waiting label="Kind" any="Any kind" />
        </Toolbar>
        <OperationBones />
      </Section>
    </Page>
  );
}

/** A filter that cannot be chosen yet. */
function Waiting({ label, any }: { label: string; any: string }) {
  const options = [{ value: 'any', label: any }];
  return <Select label={label} quiet disabled value="any" options={options} onChange={() => {}} />;
}

/** The list before it is read. */
export function OperationBones() {
  return <BoneRows rows={10} label="Loading the operations" />;
}
