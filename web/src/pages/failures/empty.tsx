import { Button, EmptyState } from '../../ui';

/** What stands where nothing failed. */
export function FailuresEmpty({ range }: { range: string }) {
  return (
    <EmptyState
      heading="Nothing failed"
      icon="check-circle"
      actions={<Button href="/?status=warning,failed&range=30d">Failed and warning, 30 days</Button>}
    >
      {range === 'Last 24 hours' ? 'In the last 24 hours' : `In the last ${range}`} everything was done, or is
      still being tried.
    </EmptyState>
  );
}
