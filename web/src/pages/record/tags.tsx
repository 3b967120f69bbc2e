import { Ago, actorTitle } from '../../parts/entry';
import { useNow } from '../../parts/now';
import { ChangeChip, Items, Link, Section, Text } from '../../ui';
import type { Resource } from './words';

/** The record's tags, each with who put it there and when. */
export function Tags({ tags, deleted }: { tags: Resource['tags']; deleted: boolean }) {
  const now = useNow();
  return (
    <Section heading={deleted ? 'Tags before it was deleted' : 'Tags'}>
      {tags.length === 0 ? (
        <Text subdued>
          {deleted ? 'It had no tags.' : 'It has no tags, as far as Shopify’s webhooks have told.'}
        </Text>
      ) : (
        <Items
          label="Tags"
          items={tags.map((origin) => ({
            key: origin.tag,
            head: (
              <>
                <ChangeChip kind="kept">{origin.tag}</ChangeChip>
                <Origin origin={origin} now={now} />
              </>
            ),
            actions: origin.activity && <Link href={`/activity/${origin.activity.id}`}>Show entry</Link>,
          }))}
        />
      )}
    </Section>
  );
}

function Origin({ origin, now }: { origin: Resource['tags'][number]; now: number }) {
  if (!origin.by) {
    return <Text subdued>It was there before the log begins, so who put it there is not known.</Text>;
  }
  return (
    <Text subdued>
      Put there by {actorTitle(origin.by)}
      {origin.at && (
        <>
          {' · '}
          <Ago at={origin.at} now={now} lower />
        </>
      )}
    </Text>
  );
}
