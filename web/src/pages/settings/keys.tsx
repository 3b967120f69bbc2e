import { useState } from 'react';
import { useMutation } from 'urql';
import { ApiKeyRevokeDocument, type ApiKeyRowFragment } from '../../generated/graphql';
import { Ago } from '../../parts/entry';
import { useNow } from '../../parts/now';
import { WhenExactly } from '../../parts/when';
import { toast } from '../../shopify/admin';
import { Badge, Button, Fold, Items, Paragraph, Section, Stack, Text } from '../../ui';
import { list, plural } from '../../words/words';
import { Confirm } from './confirm';
import { CreateKey } from './create-key';
import { scopes } from './words';

/** The keys with which programs outside use the log. */
export function Keys({ keys }: { keys: readonly ApiKeyRowFragment[] }) {
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKeyRowFragment | null>(null);
  const live = keys.filter((key) => key.revokedAt === null);
  const ended = keys.filter((key) => key.revokedAt !== null);
  return (
    <Section heading="API keys">
      <Stack>
        <Paragraph subdued>
          With a key, another app or a script records what happens outside Shopify, or reads the log.
        </Paragraph>
        {live.length > 0 && (
          <Items
            label="API keys"
            items={live.map((key) => ({
              key: key.id,
              head: <Name of={key} />,
              children: <Known of={key} />,
              actions: <Button onClick={() => setRevoking(key)}>Revoke</Button>,
            }))}
          />
        )}
        <Stack inline>
          <Button onClick={() => setCreating(true)}>Create key</Button>
        </Stack>
        {ended.length > 0 && (
          <Fold summary={plural(ended.length, 'revoked key')}>
            <Items
              label="Revoked keys"
              items={ended.map((key) => ({
                key: key.id,
                head: <Name of={key} />,
                children: <Known of={key} />,
              }))}
            />
          </Fold>
        )}
      </Stack>
      <CreateKey open={creating} onClose={() => setCreating(false)} />
      <Revoke of={revoking} onClose={() => setRevoking(null)} />
    </Section>
  );
}

function Name({ of }: { of: ApiKeyRowFragment }) {
  return (
    <>
      <Text strong>{of.name}</Text>
      <Text subdued>…{of.ending}</Text>
      {of.revokedAt && <Badge>Revoked</Badge>}
    </>
  );
}

function Known({ of }: { of: ApiKeyRowFragment }) {
  const now = useNow();
  return (
    <Text subdued>
      {list(of.scopes.map((scope) => scopes[scope].name))} · created by{' '}
      {of.createdBy.name || 'somebody unknown'}, <WhenExactly at={of.createdAt} /> ·{' '}
      {of.revokedAt ? (
        <>
          revoked <Ago at={of.revokedAt} now={now} lower />
        </>
      ) : of.lastUsedAt ? (
        <>
          last used <Ago at={of.lastUsedAt} now={now} lower />
        </>
      ) : (
        'never used'
      )}
    </Text>
  );
}

function Revoke({ of, onClose }: { of: ApiKeyRowFragment | null; onClose: () => void }) {
  const [, revoke] = useMutation(ApiKeyRevokeDocument);
  return (
    <Confirm
      heading={`Revoke ${of?.name ?? ''}?`}
      verb="Revoke key"
      open={of !== null}
      onClose={onClose}
      onConfirm={async () => {
        if (!of) return undefined;
        const { data, error } = await revoke({ id: of.id }, { additionalTypenames: ['APIKey'] });
        const refused = data?.apiKeyRevoke.userErrors[0]?.message;
        if (refused || error) return refused ?? 'The key could not be revoked. Try again.';
        toast('Key revoked');
        return undefined;
      }}
    >
      Whatever uses it is shut out at once. What it recorded stays in the log. A revoked key can’t be used
      again.
    </Confirm>
  );
}
