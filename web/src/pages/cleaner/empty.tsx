import type { ResourceType, TagScanQuery } from '../../generated/graphql';
import { Button, EmptyState } from '../../ui';
import { noun } from '../../words/operations';
import { plural } from '../../words/words';

/** What stands where the tags were never looked at. */
export function NeverScanned(props: { resource: ResourceType; busy: boolean; onScan: () => void }) {
  return (
    <EmptyState
      heading={`The tags of your ${noun(props.resource)} were not looked at yet`}
      icon="search"
      actions={
        <Button variant="primary" busy={props.busy} onClick={props.onScan}>
          {`Scan the tags of all ${noun(props.resource)}`}
        </Button>
      }
    >
      A scan reads them all and changes nothing. It finds the same tag in several spellings, tags that are too
      long or malformed, and tags that only one record has.
    </EmptyState>
  );
}

/** What stands where nothing is wrong. */
export function NothingWrong(props: {
  scan: Pick<NonNullable<TagScanQuery['tagScan']>, 'tags'>;
  resource: ResourceType;
}) {
  return (
    <EmptyState heading="Nothing is wrong" icon="check-circle">
      {props.scan.tags === 0
        ? `Your ${noun(props.resource)} have no tags.`
        : `${plural(props.scan.tags, 'different tag')} on your ${noun(props.resource)}, and each is as it should be.`}
    </EmptyState>
  );
}
