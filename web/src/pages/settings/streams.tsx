import { useState } from 'react';
import { useMutation } from 'urql';
import {
  StreamDeleteDocument,
  StreamEnableDocument,
  StreamReplayDocument,
  StreamRotateSecretDocument,
  type StreamRowFragment,
  StreamTestDocument,
} from '../../generated/graphql';
import { Ago } from '../../parts/entry';
import { useNow } from '../../parts/now';
import { WhenExactly } from '../../parts/when';
import { toast } from '../../shopify/admin';
import { Badge, Button, Items, Menu, MenuSection, Paragraph, Section, Select, Stack, Text } from '../../ui';
import { plural } from '../../words/words';
import { Confirm } from './confirm';
import { NewSecret } from './new-secret';
import { StreamDialog } from './stream-dialog';
import { type Reach, reaches, standing, waitingWords } from './stream-words';

type Asked = 'replay' | 'rotate' | 'delete';

/** Where entries are sent as they are written. */
export function Streams({ streams }: { streams: readonly StreamRowFragment[] }) {
  // The dialogs keep what they are about while they close, so that their words do not change under one's eyes.
  const [dialog, setDialog] = useState<{ of: StreamRowFragment | null; open: boolean; times: number }>({
    of: null,
    open: false,
    times: 0,
  });
  const [asking, setAsking] = useState<{ what: Asked; of: StreamRowFragment } | null>(null);
  const open = (of: StreamRowFragment | null) => setDialog({ of, open: true, times: dialog.times + 1 });
  const about = (what: Asked) => (asking?.what === what ? asking.of : null);
  const done = () => setAsking(null);
  return (
    <Section heading="Streams">
      <Stack>
        <Paragraph subdued>
          Another system gets your entries as they are written, or those of a saved view: signed, in order,
          and again until it has taken them.
        </Paragraph>
        {streams.length > 0 && (
          <Items
            label="Streams"
            items={streams.map((stream) => ({
              key: stream.id,
              head: (
                <>
                  <Text strong>{stream.name}</Text>
                  <Badge tone={standing(stream).tone}>{standing(stream).name}</Badge>
                </>
              ),
              children: <Known of={stream} />,
              actions: (
                <Actions
                  of={stream}
                  onChange={() => open(stream)}
                  onAsk={(what) => setAsking({ what, of: stream })}
                />
              ),
            }))}
          />
        )}
        <Stack inline>
          <Button onClick={() => open(null)}>Add stream</Button>
        </Stack>
      </Stack>
      <StreamDialog
        key={dialog.times}
        stream={dialog.of}
        open={dialog.open}
        onClose={() => setDialog({ ...dialog, open: false })}
      />
      <Replay of={about('replay')} onClose={done} />
      <Rotate of={about('rotate')} onClose={done} />
      <Delete of={about('delete')} onClose={done} />
    </Section>
  );
}

function Known({ of }: { of: StreamRowFragment }) {
  const now = useNow();
  return (
    <>
      <Text subdued>{of.url}</Text>
      <Text subdued>
        {of.delivered === 0 ? 'Nothing delivered yet' : `${plural(of.delivered, 'event')} delivered`}
        {of.lastSuccessAt && (
          <>
            , the last <Ago at={of.lastSuccessAt} now={now} lower />
          </>
        )}{' '}
        · {waitingWords(of.waiting)}
        {of.waitingSince && (
          <>
            , the first written <Ago at={of.waitingSince} now={now} lower />
          </>
        )}{' '}
        · added by {of.createdBy.name || 'somebody unknown'}, <WhenExactly at={of.createdAt} />
      </Text>
      <Trouble of={of} now={now} />
    </>
  );
}

function Trouble({ of, now }: { of: StreamRowFragment; now: number }) {
  if (!of.enabled) {
    return (
      <Text tone="critical">
        Disabled
        {of.disabledAt && (
          <>
            {' '}
            <Ago at={of.disabledAt} now={now} lower />
          </>
        )}
        : {of.disabledBecause}. Enable it, and it catches up.
      </Text>
    );
  }
  if (!of.failing) return null;
  return (
    <Text tone="critical">
      {of.lastFailure}
      {of.nextTryAt && (
        <>
          . Next try <WhenExactly at={of.nextTryAt} />
        </>
      )}
    </Text>
  );
}

function Actions(props: { of: StreamRowFragment; onChange: () => void; onAsk: (what: Asked) => void }) {
  const { of, onAsk } = props;
  const [, enable] = useMutation(StreamEnableDocument);
  const [testing, test] = useMutation(StreamTestDocument);
  const menu = `stream-${of.id}`;
  const turn = async () => {
    const { data } = await enable({ id: of.id, enabled: !of.enabled });
    if (!data?.streamEnable.stream) toast('The stream could not be changed. Try again.');
    else toast(of.enabled ? 'Stream disabled' : 'Stream enabled');
  };
  const send = async () => {
    const { data } = await test({ id: of.id });
    const result = data?.streamTest.result;
    toast(
      result
        ? result.delivered
          ? 'The receiver took the test'
          : `Not taken: ${result.message}`
        : 'The test could not be sent',
    );
  };
  return (
    <>
      <Button onClick={props.onChange}>Change</Button>
      <Button busy={testing.fetching} onClick={() => void send()}>
        Test
      </Button>
      <Button opens={menu} icon="chevron-down" label={`More for ${of.name}`}>
        More
      </Button>
      <Menu id={menu} label={`More for ${of.name}`}>
        <MenuSection>
          <Button onClick={() => void turn()}>{of.enabled ? 'Disable' : 'Enable'}</Button>
          <Button disabled={!of.enabled} onClick={() => onAsk('replay')}>
            Replay
          </Button>
          <Button onClick={() => onAsk('rotate')}>Replace secret</Button>
          <Button critical onClick={() => onAsk('delete')}>
            Delete
          </Button>
        </MenuSection>
      </Menu>
    </>
  );
}

function Replay({ of, onClose }: { of: StreamRowFragment | null; onClose: () => void }) {
  const [reach, setReach] = useState<Reach>('24');
  const [, replay] = useMutation(StreamReplayDocument);
  return (
    <Confirm
      heading={`Replay ${of?.name ?? ''}?`}
      verb="Replay"
      harmless
      open={of !== null}
      onClose={onClose}
      onConfirm={async () => {
        if (!of) return undefined;
        const from = new Date(Date.now() - Number(reach) * 3_600_000).toISOString();
        const { data, error } = await replay({ id: of.id, from });
        const refused = data?.streamReplay.userErrors[0]?.message;
        if (refused || error) return refused ?? 'The replay could not be started. Try again.';
        toast('Replay started');
        return undefined;
      }}
      choice={
        <Select<Reach>
          label="From"
          value={reach}
          options={(Object.keys(reaches) as Reach[]).map((value) => ({ value, label: reaches[value] }))}
          onChange={setReach}
        />
      }
    >
      What was written in that time is sent once more, as it is now. What waits already goes first.
    </Confirm>
  );
}

function Rotate({ of, onClose }: { of: StreamRowFragment | null; onClose: () => void }) {
  const [, rotate] = useMutation(StreamRotateSecretDocument);
  const [made, setMade] = useState<{ name: string; secret: string; open: boolean }>();
  return (
    <>
      <Confirm
        heading={`Replace the secret of ${of?.name ?? ''}?`}
        verb="Replace secret"
        harmless
        open={of !== null}
        onClose={onClose}
        onConfirm={async () => {
          if (!of) return undefined;
          const { data, error } = await rotate({ id: of.id });
          const { secret, userErrors } = data?.streamRotateSecret ?? {};
          if (!secret || error)
            return userErrors?.[0]?.message ?? 'The secret could not be replaced. Try again.';
          setMade({ name: of.name, secret, open: true });
          return undefined;
        }}
      >
        Messages are signed with both secrets for 24 hours, then with the new one alone.
      </Confirm>
      {made && <NewSecret {...made} onClose={() => setMade({ ...made, open: false })} />}
    </>
  );
}

function Delete({ of, onClose }: { of: StreamRowFragment | null; onClose: () => void }) {
  const [, remove] = useMutation(StreamDeleteDocument);
  return (
    <Confirm
      heading={`Delete ${of?.name ?? ''}?`}
      verb="Delete stream"
      open={of !== null}
      onClose={onClose}
      onConfirm={async () => {
        if (!of) return undefined;
        const { data, error } = await remove({ id: of.id }, { additionalTypenames: ['Stream'] });
        const refused = data?.streamDelete.userErrors[0]?.message;
        if (refused || error) return refused ?? 'The stream could not be deleted. Try again.';
        toast('Stream deleted');
        return undefined;
      }}
    >
      What waits is not sent any more. Its deliveries stay in the log.
    </Confirm>
  );
}
