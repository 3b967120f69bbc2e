import { copy } from '../../shopify/admin';
import { Button, CodeLines, FieldChange, LateFold, Section, Stack, Text } from '../../ui';
import { number, plural } from '../../words/words';
import type { Entry } from './page';

type Sent = NonNullable<Entry['sent']>;

/** What a stream sent, and what its receiver answered. */
export function SentSection({ sent }: { sent: Sent }) {
  const { request, responseStatus, responseType, responseBody } = sent;
  return (
    <Section heading="Stream">
      <div>
        <FieldChange name="Carried">{plural(sent.events, 'event')}</FieldChange>
        <FieldChange name="Tries">{sent.attempts}</FieldChange>
        <FieldChange name="The last took">{number(sent.milliseconds)} ms</FieldChange>
        <FieldChange name="Answer">{responseStatus ?? 'None came'}</FieldChange>
        {responseType && <FieldChange name="Its type">{responseType}</FieldChange>}
      </div>
      {request && <Body name="Request" text={request} />}
      {responseBody && <Body name="Response" text={responseBody} />}
    </Section>
  );
}

function Body({ name, text }: { name: string; text: string }) {
  return (
    <LateFold summary={<Text strong>{name}</Text>}>
      {() => (
        <Stack gap="small">
          <CodeLines label={`Body of the ${name.toLowerCase()}`}>{text}</CodeLines>
          <Button icon="duplicate" onClick={() => void copy(text, 'Body copied')}>
            Copy body
          </Button>
        </Stack>
      )}
    </LateFold>
  );
}
