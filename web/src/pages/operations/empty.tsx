import { Button, EmptyState } from '../../ui';

/** What stands where nothing was ever changed in bulk. */
export function NoOperations() {
  return (
    <EmptyState
      heading="No operations yet"
      icon="list-bulleted"
      actions={
        <>
          <Button href="/cleaner">Look for tags to clean up</Button>
          <Button variant="primary" href="/operations/new">
            Change tags in bulk
          </Button>
        </>
      }
    >
      Add, remove, replace or merge tags on thousands of records at once. You see what would change before
      anything is written, and can take it back afterwards without harming what others changed since.
    </EmptyState>
  );
}

/** What stands where the filters leave nothing. */
export function NothingMatches(props: { onClear: () => void }) {
  return (
    <EmptyState
      heading="Nothing matches"
      icon="search"
      actions={
        <Button variant="primary" onClick={props.onClear}>
          Show all operations
        </Button>
      }
    >
      No operation is of this kind and status.
    </EmptyState>
  );
}
