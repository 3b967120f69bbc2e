import type { OperationKind, ResourceType } from '../../generated/graphql';
import {
  Button,
  ChipsField,
  ChoiceList,
  Ends,
  FieldError,
  Link,
  Pair,
  Section,
  Select,
  Stack,
  Text,
  TextField,
} from '../../ui';
import { kinds, kindsExplained, longestTag, noun } from '../../words/operations';
import { sentence } from '../../words/words';
import { chosenKinds, chosenResources, type Draft, namesTags, type Problems, replaces } from './draft';

/** The first step: what is done to each record. */
export function WhatStep(props: {
  draft: Draft;
  problems: Problems;
  onChange: (draft: Draft) => void;
  onNext: () => void;
}) {
  const { draft, problems, onChange } = props;
  return (
    <Section heading="What is to be done?">
      <Stack>
        <ChoiceList<OperationKind>
          label="Kind"
          quiet
          error={problems.get('kind')}
          values={[draft.kind]}
          choices={chosenKinds.map((value) => ({
            value,
            label: kinds[value],
            details: kindsExplained[value],
          }))}
          onChange={([kind]) => kind && onChange({ ...draft, kind })}
        />
        <Text subdued>
          The same tag in several spellings? <Link href="/cleaner">The data cleaner</Link> finds them for you.
        </Text>
        <Pair>
          <Select<ResourceType>
            label="To"
            error={problems.get('resource')}
            value={draft.resource}
            options={chosenResources.map((value) => ({ value, label: sentence(noun(value)) }))}
            // Ids and a file name records of one kind, and a search its fields.
            onChange={(resource) => onChange({ ...draft, resource, sure: false })}
          />
        </Pair>
        {namesTags(draft.kind) && <Tags {...props} />}
        <FieldError message={problems.get('')} />
        <Ends>
          <Button variant="primary" onClick={props.onNext}>
            Continue
          </Button>
        </Ends>
      </Stack>
    </Section>
  );
}

const tagLabels: Partial<Record<OperationKind, string>> = {
  TAG_ADD: 'Tags to put on',
  TAG_REMOVE: 'Tags to take off',
  TAG_REPLACE: 'Find',
  TAG_MERGE: 'Tags to merge',
};

function Tags(props: { draft: Draft; problems: Problems; onChange: (draft: Draft) => void }) {
  const { draft, problems, onChange } = props;
  const limit = `At most ${longestTag(draft.resource)} characters on ${noun(draft.resource)}`;
  return (
    <>
      <ChipsField
        label={tagLabels[draft.kind] ?? 'Tags'}
        placeholder="Type a tag and press Enter"
        details={draft.kind === 'TAG_ADD' ? `${limit}. A record can have 250 tags.` : ''}
        error={problems.get('tags')}
        values={draft.tags}
        onChange={(tags) => onChange({ ...draft, tags })}
      />
      {replaces(draft.kind) && (
        <TextField
          label={draft.kind === 'TAG_MERGE' ? 'Into' : 'Replace with'}
          details={limit}
          error={problems.get('replaceWith')}
          value={draft.replaceWith}
          onChange={(replaceWith) => onChange({ ...draft, replaceWith })}
        />
      )}
    </>
  );
}
