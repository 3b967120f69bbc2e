import { Button, EmptyState } from '../../ui';

/** What stands where nothing was ever exported. */
export function NoExports() {
  return (
    <EmptyState
      heading="No exports yet"
      icon="download"
      actions={
        <Button variant="primary" href="/">
          Open the log
        </Button>
      }
    >
      Filter the log to what you need and choose Export there. The files that you made stand here for seven
      days.
    </EmptyState>
  );
}
