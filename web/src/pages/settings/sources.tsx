import { useState } from 'react';
import { useMutation } from 'urql';
import { SourceDeleteDocument, type SourceRowFragment } from '../../generated/graphql';
import { Ago } from '../../parts/entry';
import { useNow } from '../../parts/now';
import { WhenExactly } from '../../parts/when';
import { copy, toast } from '../../shopify/admin';
import { Badge, Button, CopyBox, Items, Paragraph, Section, Stack, Text } from '../../ui';
import { number, plural } from '../../words/words';
import { Confirm } from './confirm';
import { SourceDialog } from './source-dialog';
import { kinds } from './words';

/** Who else sends the log webhooks. */
export function Sources({ sources }: { sources: readonly SourceRowFragment[] }) {
  // The dialog keeps what it is about while it closes, so that its words do not change under one's eyes.
  const [dialog, setDialog] = useState<{ of: SourceRowFragment | null; open: boolean; times: number }>({
    of: null,
    open: false,
    times: 0,
  });
  const [leaving, setLeaving] = useState<SourceRowFragment | null>(null);
  const open = (of: SourceRowFragment | null) => setDialog({ of, open: true, times: dialog.times + 1 });
  return (
    <Section heading="Sources">
      <Stack>
        <Paragraph subdued>
          Who else sends your log webhooks: Stripe, Square, or any sender of the Standard Webhooks scheme.
          Each is known by its signature.
        </Paragraph>
        {sources.length > 0 && (
          <Items
            label="Sources"
            items={sources.map((source) => ({
              key: source.id,
              head: (
                <>
                  <Text strong>{source.name}</Text>
                  <Badge>{kinds[source.kind].name}</Badge>
                  {source.needsSecret && <Badge tone="warning">Needs its secret</Badge>}
                </>
              ),
              children: <Known of={source} />,
              actions: (
                <>
                  <Button onClick={() => open(source)}>Change</Button>
                  <Button onClick={() => setLeaving(source)}>Disconnect</Button>
                </>
              ),
            }))}
          />
        )}
        <Stack inline>
          <Button onClick={() => open(null)}>Connect source</Button>
        </Stack>
      </Stack>
      <SourceDialog
        key={dialog.times}
        source={dialog.of}
        open={dialog.open}
        onClose={() => setDialog({ ...dialog, open: false })}
      />
      <Disconnect of={leaving} onClose={() => setLeaving(null)} />
    </Section>
  );
}

function Known({ of }: { of: SourceRowFragment }) {
  const now = useNow();
  return (
    <>
      <CopyBox
        label={`Address for ${of.name}`}
        text={of.url}
        action={
          <Button
            variant="tertiary"
            icon="duplicate"
            label={`Copy the address for ${of.name}`}
            onClick={() => void copy(of.url, 'Address copied')}
          />
        }
      />
      <Text subdued>
        {of.received === 0 ? (
          'Nothing received yet'
        ) : (
          <>
            {plural(of.received, 'webhook')} received
            {of.lastReceivedAt && (
              <>
                , the last <Ago at={of.lastReceivedAt} now={now} lower />
              </>
            )}
          </>
        )}{' '}
        · connected by {of.createdBy.name || 'somebody unknown'}, <WhenExactly at={of.createdAt} />
      </Text>
      {of.refused > 0 && (
        <Text tone="critical">
          {number(of.refused)} refused
          {of.lastRefusedAt && (
            <>
              , the last <Ago at={of.lastRefusedAt} now={now} lower />
            </>
          )}
          {of.lastRefusal && `: ${of.lastRefusal}`}
        </Text>
      )}
    </>
  );
}

function Disconnect({ of, onClose }: { of: SourceRowFragment | null; onClose: () => void }) {
  const [, disconnect] = useMutation(SourceDeleteDocument);
  return (
    <Confirm
      heading={`Disconnect ${of?.name ?? ''}?`}
      verb="Disconnect"
      open={of !== null}
      onClose={onClose}
      onConfirm={async () => {
        if (!of) return undefined;
        const { data, error } = await disconnect({ id: of.id }, { additionalTypenames: ['Source'] });
        const refused = data?.sourceDelete.userErrors[0]?.message;
        if (refused || error) return refused ?? 'The source could not be disconnected. Try again.';
        toast('Source disconnected');
        return undefined;
      }}
    >
      What it sends is refused from then on. What it sent stays in the log. To connect it again, you need a
      new address.
    </Confirm>
  );
}
