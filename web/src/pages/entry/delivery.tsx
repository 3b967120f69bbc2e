import type { MessageFragment } from '../../generated/graphql';
import { useShop } from '../../parts/shop';
import { WhenExactly } from '../../parts/when';
import { copy } from '../../shopify/admin';
import {
  Button,
  CodeLines,
  FieldChange,
  LateFold,
  NameValues,
  Paragraph,
  Section,
  Stack,
  Text,
} from '../../ui';
import { plural } from '../../words/words';
import { after } from './chain-lines';
import { headers, messageAbout, redactionNote } from './delivery-words';
import { bytes } from './metadata';
import type { Entry } from './page';

type Delivered = NonNullable<Entry['delivery']>;

/** The webhook itself: who sent what and when, and both sides of the exchange. */
export function DeliverySection({ delivery }: { delivery: Delivered }) {
  return (
    <Section heading="Webhook">
      <div>
        <FieldChange name="Sent by">{delivery.sender}</FieldChange>
        <FieldChange name="Topic">{delivery.topic}</FieldChange>
        <FieldChange name="Happened">
          <WhenExactly at={delivery.triggeredAt} />
        </FieldChange>
        <FieldChange name="Arrived">
          <WhenExactly at={delivery.receivedAt} />{' '}
          <Text subdued>{after(delivery.triggeredAt, delivery.receivedAt)}</Text>
        </FieldChange>
        <FieldChange name="Tries">{delivery.attempts === 0 ? 'None yet' : delivery.attempts}</FieldChange>
        {delivery.duplicates > 0 && (
          <FieldChange name="Sent again">{plural(delivery.duplicates, 'time')}, and taken once</FieldChange>
        )}
        {delivery.nextTryAt && (
          <FieldChange name="Next try">
            <WhenExactly at={delivery.nextTryAt} />
          </FieldChange>
        )}
        <FieldChange name="Webhook ID">{delivery.webhookId}</FieldChange>
      </div>
      {delivery.request ? <Side name="Request" message={delivery.request} /> : <Gone />}
      <Side name={`Response ${delivery.response.status ?? ''}`.trim()} message={delivery.response} />
    </Section>
  );
}

function Gone() {
  const shop = useShop();
  const days = shop ? plural(shop.settings.webhookBodyDays, 'day') : 'a shorter time';
  return (
    <Text subdued>
      The request is no longer kept: what webhooks carry is deleted after {days}, earlier than the entry.
    </Text>
  );
}

function Side({ name, message }: { name: string; message: MessageFragment }) {
  const note = redactionNote(message);
  return (
    <LateFold
      summary={
        <>
          <Text strong>{name}</Text>
          <Text subdued>{messageAbout(message, bytes(message.bytes))}</Text>
        </>
      }
    >
      {() => (
        <Stack gap="small">
          <NameValues values={headers(message.headers)} />
          {note && <Paragraph subdued>{note}</Paragraph>}
          {message.body === '' ? (
            <Text subdued>No body.</Text>
          ) : (
            <>
              <CodeLines label={`Body of the ${name.toLowerCase()}`}>{message.body}</CodeLines>
              <Button icon="duplicate" onClick={() => void copy(message.body, 'Body copied')}>
                Copy body
              </Button>
            </>
          )}
        </Stack>
      )}
    </LateFold>
  );
}
