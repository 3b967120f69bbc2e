import { useShop } from '../../parts/shop';
import { Button, Ends, FieldError, Paragraph, Section, Stack, Text, TextField } from '../../ui';
import type { Draft, Problems } from './draft';
import type { Preview } from './use-preview';
import { deed, estimate, promise } from './words';

/** The last step: what will happen, in a sentence, and the word to start. */
export function ConfirmStep(props: {
  draft: Draft;
  preview: Preview;
  problems: Problems;
  busy: boolean;
  onChange: (draft: Draft) => void;
  onBack: () => void;
  onStart: () => void;
}) {
  const { draft, preview, problems } = props;
  const shop = useShop();
  return (
    <Section heading="Start it?">
      <Stack>
        <Stack gap="small-200">
          <Text strong>{deed(draft, preview)}</Text>
          <Paragraph>{promise(shop?.plan, shop?.settings.snapshotDays)}</Paragraph>
          {estimate(preview) && <Text subdued>{estimate(preview)}</Text>}
        </Stack>
        <TextField
          label="Note"
          details="Shown in the log, for whoever asks later why this was done"
          error={problems.get('note')}
          value={draft.note}
          onChange={(note) => props.onChange({ ...draft, note })}
        />
        <FieldError message={problems.get('')} />
        <Ends start={<Button onClick={props.onBack}>Back</Button>}>
          <Button variant="primary" busy={props.busy} onClick={props.onStart}>
            Start operation
          </Button>
        </Ends>
      </Stack>
    </Section>
  );
}
