import { copy } from '../../shopify/admin';
import { Banner, Button, CopyBox, Modal, Paragraph, Stack } from '../../ui';

/** A stream's secret, shown this once. */
export function NewSecret(props: { name: string; secret: string; open: boolean; onClose: () => void }) {
  return (
    <Modal
      heading="Copy the secret now"
      open={props.open}
      onClose={props.onClose}
      primaryAction={
        <Button slot="primary-action" variant="primary" onClick={props.onClose}>
          I have copied it
        </Button>
      }
      secondaryAction={null}
    >
      <Stack>
        <Banner tone="warning" heading="It is shown this once">
          If you lose it, replace the secret: the old one stays good for 24 hours.
        </Banner>
        <CopyBox
          label={`The secret of ${props.name}`}
          text={props.secret}
          action={
            <Button icon="duplicate" onClick={() => void copy(props.secret, 'Secret copied')}>
              Copy
            </Button>
          }
        />
        <Paragraph subdued>
          With it, the receiver verifies each message by the Standard Webhooks scheme. There are libraries for
          it in most languages.
        </Paragraph>
      </Stack>
    </Modal>
  );
}
