import { useState } from 'react';
import type { ResourceType, TagFindingKind } from '../../generated/graphql';
import { recordHref } from '../../parts/links';
import {
  Button,
  ChangeChip,
  Checkbox,
  Chips,
  FindingLine,
  Fold,
  Link,
  Section,
  Stack,
  StickyBar,
  Text,
  TextField,
} from '../../ui';
import { findings as kinds, noun, records } from '../../words/operations';
import { number, plural } from '../../words/words';
import {
  type Choice,
  cleanInput,
  type Finding,
  grouped,
  keyOf,
  noChoice,
  recordsOf,
  wanted,
  withChosen,
  withTyped,
  wrongWith,
} from './choice';
import { Clean } from './clean';

/** How many findings of a kind are shown at once. */
const shownFirst = 25;

/** What is wrong, by kind. Each can be chosen, and what becomes of it changed. */
export function Findings(props: { findings: readonly Finding[]; resource: ResourceType }) {
  const { findings, resource } = props;
  const [choice, setChoice] = useState<Choice>(noChoice);
  const [asking, setAsking] = useState(false);
  const count = choice.chosen.size;
  const wrong = findings.some(
    (one) => choice.chosen.has(keyOf(one)) && wrongWith(wanted(one, choice), resource) !== undefined,
  );
  const verb = `Clean ${plural(count, 'finding')}`;
  return (
    <>
      {grouped(findings).map(([kind, of]) => (
        <Group
          key={kind}
          kind={kind}
          findings={of}
          resource={resource}
          choice={choice}
          onChange={setChoice}
        />
      ))}
      {count > 0 && (
        <StickyBar label="Chosen findings">
          <Text>{wrong ? 'Mend what is marked first.' : `${plural(count, 'finding')} chosen`}</Text>
          <Stack inline gap="small-200">
            <Button onClick={() => setChoice({ ...choice, chosen: new Set() })}>Choose none</Button>
            <Button variant="primary" disabled={wrong} onClick={() => setAsking(true)}>
              {verb}
            </Button>
          </Stack>
        </StickyBar>
      )}
      <Clean
        heading={`${verb}?`}
        about="Each spelling that goes is replaced by the one that stays, or taken off where none stays. All other tags stay as they are."
        verb={verb}
        input={asking && count > 0 ? cleanInput(resource, findings, choice) : null}
        resource={resource}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function Group(props: {
  kind: TagFindingKind;
  findings: readonly Finding[];
  resource: ResourceType;
  choice: Choice;
  onChange: (choice: Choice) => void;
}) {
  const { kind, findings, resource, choice, onChange } = props;
  const [all, setAll] = useState(false);
  const shown = all ? findings : findings.slice(0, shownFirst);
  const chosen = findings.filter((one) => choice.chosen.has(keyOf(one))).length;
  const { name, about } = kinds[kind];
  return (
    <Section heading={`${name}: ${number(findings.length)}`}>
      <Stack gap="small">
        <Text subdued>{about}</Text>
        {findings.length > 1 && (
          <Checkbox
            label={`Choose all ${number(findings.length)}`}
            checked={chosen === findings.length}
            some={chosen > 0 && chosen < findings.length}
            onChange={(on) => onChange(withChosen(choice, findings, on))}
          />
        )}
        <div>
          {shown.map((finding) => (
            <One
              key={keyOf(finding)}
              finding={finding}
              resource={resource}
              choice={choice}
              onChange={onChange}
            />
          ))}
        </div>
        {shown.length < findings.length && (
          <Stack inline>
            <Button
              onClick={() => setAll(true)}
            >{`Show ${number(findings.length - shown.length)} more`}</Button>
          </Stack>
        )}
      </Stack>
    </Section>
  );
}

function One(props: {
  finding: Finding;
  resource: ResourceType;
  choice: Choice;
  onChange: (choice: Choice) => void;
}) {
  const { finding, resource, choice, onChange } = props;
  const chosen = choice.chosen.has(keyOf(finding));
  const to = wanted(finding, choice);
  const [first] = finding.tags;
  const name = first?.tag ?? '';
  return (
    <FindingLine
      check={
        <Checkbox
          label={`Choose ${name}`}
          quiet
          checked={chosen}
          onChange={(on) => onChange(withChosen(choice, [finding], on))}
        />
      }
      field={
        <TextField
          label={`${name} becomes`}
          quiet
          placeholder="Taken off"
          error={chosen ? wrongWith(to, resource) : undefined}
          value={to}
          onChange={(tag) => onChange(withTyped(choice, finding, tag))}
        />
      }
    >
      <Stack gap="small-300">
        <Chips>
          {finding.tags.slice(0, 8).map(({ tag }) => (
            <ChangeChip key={tag} kind={!chosen || tag === to.trim() ? 'kept' : 'removed'}>
              {tag}
            </ChangeChip>
          ))}
          {finding.tags.length > 8 && <Text subdued>and {number(finding.tags.length - 8)} more</Text>}
        </Chips>
        {finding.tags.length === 1 && first ? (
          <Where count={first} resource={resource} />
        ) : (
          <Fold summary={<Text subdued>{`On ${records(recordsOf(finding), resource)}`}</Text>}>
            <Stack gap="small-300">
              {finding.tags.map((count) => (
                <Where key={count.tag} tag={count.tag} count={count} resource={resource} />
              ))}
            </Stack>
          </Fold>
        )}
      </Stack>
    </FindingLine>
  );
}

/** How many records have a tag, with a link to one of them. */
function Where(props: { tag?: string; count: Finding['tags'][number]; resource: ResourceType }) {
  const { tag, count, resource } = props;
  return (
    <Text subdued>
      {tag && `${tag}: `}
      {count.records === 1 ? 'only on ' : `on ${records(count.records, resource)}, such as `}
      <Link href={recordHref(count.resourceId)}>{`this ${noun(resource, 1)}`}</Link>
    </Text>
  );
}
