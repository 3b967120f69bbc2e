import { PreviewFigures, PreviewSample } from '../../parts/preview';
import { Banner, Button, Ends, Section, Stack } from '../../ui';
import { noun } from '../../words/operations';
import type { Draft } from './draft';
import type { Preview } from './use-preview';

/** The third step: what it would do, before anything is written. */
export function PreviewStep(props: {
  draft: Draft;
  preview: Preview;
  onBack: () => void;
  onNext: () => void;
}) {
  const { draft, preview } = props;
  const nothing = preview.wouldChange === 0 && preview.looked >= preview.total;
  return (
    <>
      {nothing && (
        <Banner tone="info" heading="Nothing would change">
          {preview.refused > 0
            ? 'Shopify would refuse every record that is not as you want it already. Below stands why.'
            : `All of these ${noun(draft.resource)} are already as you want them.`}
        </Banner>
      )}
      <Section heading="What would change">
        <Stack>
          <PreviewFigures preview={preview} resource={draft.resource} />
          <Ends start={<Button onClick={props.onBack}>Back</Button>}>
            <Button variant="primary" disabled={nothing} onClick={props.onNext}>
              Continue
            </Button>
          </Ends>
        </Stack>
      </Section>
      <PreviewSample preview={preview} resource={draft.resource} />
    </>
  );
}
