import { explainHref } from '../../parts/links';
import { useShop } from '../../parts/shop';
import { Button, EmptyState, Page, Section } from '../../ui';
import { plural } from '../../words/words';
import { nameOf } from './words';

/** What stands where nothing was ever heard of the record. */
export function RecordEmpty({ id }: { id: string }) {
  return (
    <Page heading={id ? nameOf(id) : 'Record'} back={{ href: '/', label: 'Activity' }}>
      <Section label="Record">
        <EmptyState
          heading="The log knows nothing of this record"
          icon="search"
          actions={
            <>
              <Button href={explainHref({})}>Find a record</Button>
              <Button variant="primary" href="/">
                Go to activity
              </Button>
            </>
          }
        >
          Shopify has sent no webhook about it since Tagtrail was installed, or the link is incomplete or
          belongs to another shop.
        </EmptyState>
      </Section>
    </Page>
  );
}

/** What stands where the list of a known record's entries is empty. */
export function NoEntries() {
  const shop = useShop();
  return (
    <EmptyState heading="No entries" icon="clock">
      Nothing happened to it in the last {plural(shop?.settings.retentionDays ?? 30, 'day')}, which is how
      long entries are kept.
    </EmptyState>
  );
}
