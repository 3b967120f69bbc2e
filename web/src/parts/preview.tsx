// What a change would do: the counts and a few records.
import type { OperationPreviewQuery, ResourceType } from '../generated/graphql';
import { Badge, Figures, Items, Section, Stack, Text } from '../ui';
import { noun, wait } from '../words/operations';
import { number, sentence } from '../words/words';
import { TagChips } from './operation';

type Preview = OperationPreviewQuery['operationPreview'];

/** The counts, with what they are counts of. */
export function PreviewFigures(props: { preview: Preview; resource: ResourceType }) {
  const { preview, resource } = props;
  const share = preview.looked < preview.total;
  return (
    <Stack gap="small">
      <Figures
        figures={[
          {
            name: sentence(noun(resource, preview.total)),
            value: number(preview.total) + (preview.exact ? '' : '+'),
          },
          { name: 'Would change', value: number(preview.wouldChange), tone: 'success' },
          { name: 'Would not', value: number(preview.unchanged) },
          {
            name: 'Refused',
            value: number(preview.refused),
            ...(preview.refused > 0 ? { tone: 'critical' as const } : {}),
          },
          ...(preview.secondsEstimated === null
            ? []
            : [{ name: 'It takes about', value: wait(preview.secondsEstimated) }]),
        ]}
      />
      {share && (
        <Text subdued>
          {`The first ${number(preview.looked)} were looked at; what would change is counted among those.`}
        </Text>
      )}
      {preview.bulk && <Text subdued>Shopify’s bulk operations do it in the background.</Text>}
    </Stack>
  );
}

/** A few records with their tags before and after, those that would change or be refused first. */
export function PreviewSample(props: { preview: Preview; resource: ResourceType }) {
  const { sample } = props.preview;
  if (sample.length === 0) return null;
  return (
    <Section heading={sample.length === 1 ? 'For example' : `${sample.length} of them`}>
      <Items
        label={`Some of the ${noun(props.resource)}`}
        items={sample.map((one) => ({
          key: one.resourceId,
          head: (
            <>
              <Text strong>{one.title}</Text>
              {one.refusal && <Badge tone="critical">Refused</Badge>}
              {!one.refusal && same(one.before, one.after) && <Badge>Stays as it is</Badge>}
            </>
          ),
          children: (
            <>
              {one.refusal && <Text tone="critical">{one.refusal}</Text>}
              <TagChips before={one.before} after={one.refusal ? one.before : one.after} />
            </>
          ),
        }))}
      />
    </Section>
  );
}

function same(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
