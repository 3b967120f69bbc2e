import { useShop } from '../../parts/shop';
import { Button, EmptyState, Page, Section } from '../../ui';
import { plural } from '../../words/words';

/** What stands where no entry has the id of the address. */
export function EntryEmpty() {
  const shop = useShop();
  const days = shop ? plural(shop.settings.retentionDays, 'day') : 'a while';
  return (
    <Page heading="Entry not found" back={{ href: '/', label: 'Activity' }}>
      <Section label="Entry not found">
        <EmptyState
          heading="This shop has no entry with this id"
          icon="search"
          actions={
            <Button variant="primary" href="/">
              Go to activity
            </Button>
          }
        >
          The link may be incomplete, belong to another shop, or lead to an entry that is gone: entries are
          kept for {days}.
        </EmptyState>
      </Section>
    </Page>
  );
}
