import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { SettingsUpdateDocument, StorageDocument, type StorageQuery } from '../../generated/graphql';
import { useNow } from '../../parts/now';
import { useZone } from '../../parts/shop';
import {
  Banner,
  Button,
  Checkbox,
  FieldError,
  Modal,
  NumberField,
  Paragraph,
  Section,
  Stack,
  Table,
  Text,
} from '../../ui';
import { dateOf, shopTime } from '../../words/dates';
import { count, plural } from '../../words/words';
import { bytes, kept, problemAt } from './words';

const context = { additionalTypenames: ['Storage', 'Settings'] };

/** What is kept of the shop, what leaves next, and the way to change it. */
export function Storage() {
  const zone = useZone();
  const now = useNow();
  const [changing, setChanging] = useState(false);
  const [{ data, error }, read] = useQuery({
    query: StorageDocument,
    context,
    requestPolicy: 'cache-and-network',
  });
  if (!data) {
    return error ? (
      <Section heading="Storage">
        <Banner
          tone="critical"
          heading="What is kept could not be read"
          actions={
            <Button slot="secondary-actions" onClick={() => read({ requestPolicy: 'network-only' })}>
              Try again
            </Button>
          }
        />
      </Section>
    ) : (
      <Section heading="Storage">
        <Paragraph subdued>Looking at what is kept…</Paragraph>
      </Section>
    );
  }
  const { storage, shop } = data;
  const shown = storage.kinds.filter(({ kind, count: n }) => kind !== 'archiveFiles' || n > 0);
  return (
    <Section heading="Storage">
      <Stack>
        {shop.settings.shortenedAt && (
          <Banner
            tone="warning"
            heading={`From ${dateOf(shop.settings.shortenedAt, zone)} on, entries are kept for 30 days`}
          >
            The shop has no PRO plan any more. Until then everything stays as it is; in the night after that,
            older entries leave for good. Choose the plan again to keep them, or export them before.
          </Banner>
        )}
        <Table
          columns={[
            { name: 'What', list: 'primary' },
            { name: 'How many', list: 'labeled' },
            { name: 'Kept for', list: 'labeled' },
            { name: 'Next to leave', list: 'labeled' },
          ]}
          rows={shown.map((one) => ({
            id: one.kind,
            cells: [
              <Text key="what" strong>
                {kept[one.kind] ?? one.kind}
              </Text>,
              <Text key="count" tabular>
                {count(one)}
                {one.kind === 'archiveFiles' && `, ${bytes(storage.archiveBytes)}`}
              </Text>,
              one.days ? plural(one.days, 'day') : 'good',
              leaving(one.leavesAt, now, zone),
            ],
          }))}
        />
        <Paragraph subdued>
          {storage.cleanUpAt
            ? `What is over leaves in the night; the next clean-up begins ${shopTime(storage.cleanUpAt, zone)}.`
            : 'What is over leaves in the night.'}{' '}
          {shop.settings.archiveEnabled
            ? 'Entries go into the archive first.'
            : 'Entries that have left cannot be brought back.'}
          {storage.archiveEntries > 0 &&
            ` The archive alone has ${plural(storage.archiveEntries, 'entry', 'entries')}.`}
        </Paragraph>
        <div>
          <Button onClick={() => setChanging(true)}>Change</Button>
        </div>
      </Stack>
      {changing && <ChangePeriods shop={shop} onClose={() => setChanging(false)} />}
    </Section>
  );
}

/** When the oldest leaves. Where its time is over, more may still come of it, or a night must go by. */
function leaving(at: string | null | undefined, now: number, zone: string): string {
  if (!at) return 'nothing';
  return Date.parse(at) > now ? `after ${shopTime(at, zone)}` : 'in one of the next nights';
}

const noProblems: readonly { field: string[] | null; message: string }[] = [];

function ChangePeriods({ shop, onClose }: { shop: StorageQuery['shop']; onClose: () => void }) {
  const { settings } = shop;
  const free = shop.plan === 'FREE';
  const [entries, setEntries] = useState(String(settings.retentionDays));
  const [bodies, setBodies] = useState(String(settings.webhookBodyDays));
  const [snapshots, setSnapshots] = useState(String(settings.snapshotDays));
  const [archives, setArchives] = useState(settings.archiveEnabled);
  const [archive, setArchive] = useState(String(settings.archiveDays ?? ''));
  const [problems, setProblems] = useState(noProblems);
  const [{ fetching }, update] = useMutation(SettingsUpdateDocument);
  const sooner = Number(entries) > 0 && Number(entries) < settings.retentionDays;

  const save = async () => {
    const halves = Object.entries({
      retentionDays: entries,
      webhookBodyDays: bodies,
      snapshotDays: snapshots,
      archiveDays: archive,
    }).filter(([, days]) => !Number.isInteger(Number(days)));
    if (halves.length > 0) {
      setProblems(halves.map(([field]) => ({ field: [field], message: 'Only whole days.' })));
      return;
    }
    const { data, error } = await update(
      {
        input: {
          retentionDays: Number(entries),
          webhookBodyDays: Number(bodies),
          snapshotDays: Number(snapshots),
          archiveEnabled: archives,
          archiveDays: Number(archive),
        },
      },
      context,
    );
    const refused = data?.settingsUpdate.userErrors ?? noProblems;
    if (!error && refused.length === 0) {
      onClose();
      return;
    }
    setProblems(error ? [{ field: null, message: 'The settings could not be saved. Try again.' }] : refused);
  };
  return (
    <Modal
      heading="How long things are kept"
      open
      onClose={onClose}
      primaryAction={
        <Button slot="primary-action" variant="primary" busy={fetching} onClick={() => void save()}>
          Save
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={onClose}>
          Cancel
        </Button>
      }
    >
      <Stack>
        <NumberField
          label="Entries of the log"
          details={free ? 'The FREE plan keeps them for 30 days.' : 'From 1 to 730 days.'}
          suffix="days"
          whole
          disabled={free}
          value={entries}
          error={problemAt(problems, 'retentionDays')}
          onChange={setEntries}
        />
        {sooner && (
          <Banner tone="warning" heading="Older entries leave in the next night">
            {archives
              ? `What is older than ${plural(Number(entries), 'day')} goes into the archive, where it is found more slowly.`
              : `What is older than ${plural(Number(entries), 'day')} is removed for good.`}
          </Banner>
        )}
        <NumberField
          label="What webhooks carried"
          details="From 1 to 90 days. A webhook is processed again only while it is there."
          suffix="days"
          whole
          value={bodies}
          error={problemAt(problems, 'webhookBodyDays')}
          onChange={setBodies}
        />
        <NumberField
          label="The state before a change"
          details="From 1 to 365 days. A change is taken back only while it is there."
          suffix="days"
          whole
          value={snapshots}
          error={problemAt(problems, 'snapshotDays')}
          onChange={setSnapshots}
        />
        <Checkbox
          label="Archive entries before they leave the log"
          details={free ? 'Part of the PRO plan.' : 'As compressed files, where the server keeps its files.'}
          disabled={free}
          checked={archives}
          error={problemAt(problems, 'archiveEnabled')}
          onChange={setArchives}
        />
        {archives && (
          <NumberField
            label="Entries in the archive"
            details="Counted from the day of the entry. Empty keeps them for good."
            suffix="days"
            whole
            value={archive}
            error={problemAt(problems, 'archiveDays')}
            onChange={setArchive}
          />
        )}
        <FieldError message={problemAt(problems, '')} />
      </Stack>
    </Modal>
  );
}
