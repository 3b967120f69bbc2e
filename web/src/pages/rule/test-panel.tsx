import { useState } from 'react';
import { useMutation } from 'urql';
import { RuleTestDocument, type RuleTestMutation } from '../../generated/graphql';
import { Conditions } from '../../parts/conditions';
import {
  Badge,
  Button,
  ChangeChip,
  Chips,
  Code,
  FieldError,
  Fold,
  Section,
  Select,
  Spoken,
  Stack,
  Text,
  TextField,
} from '../../ui';
import { number, outcome, plural, resources } from '../../words/words';
import { isList, tagChanges } from '../entry/changes';
import { type Draft, inputOf, resourceId } from './draft';

type Result = RuleTestMutation['ruleTest']['results'][number];
type Against = 'events' | 'record';

/** Tries the rule as it stands in the form, saved or not. It writes nothing. */
export function TestPanel({ draft }: { draft: Draft }) {
  const [against, setAgainst] = useState<Against>('events');
  const [record, setRecord] = useState('');
  const [problem, setProblem] = useState<string>();
  const [{ data, fetching }, run] = useMutation(RuleTestDocument);
  const noun = resources[draft.resource].toLowerCase();

  const test = async () => {
    setProblem(undefined);
    const id = resourceId(record, draft.resource);
    if (against === 'record' && !id) {
      setProblem(`Enter the number from the ${noun}’s address in the admin, or its global id.`);
      return;
    }
    const what = against === 'record' ? { resourceId: id } : { lastEvents: 10 };
    const { data: answer, error } = await run({ input: { rule: inputOf(draft), ...what } });
    if (error) setProblem('The test could not be run. Check your connection and try again.');
    else setProblem(answer?.ruleTest.userErrors.map((one) => one.message).join(' ') || undefined);
  };
  const results = problem ? undefined : data?.ruleTest;
  return (
    <Section heading="Test">
      <Stack gap="small">
        <Select<Against>
          label="Against"
          value={against}
          options={[
            { value: 'events', label: 'the last 10 events' },
            { value: 'record', label: `one ${noun}` },
          ]}
          onChange={setAgainst}
        />
        {against === 'record' && (
          <TextField
            label={`${resources[draft.resource]} number or id`}
            details="The number at the end of its address in the admin"
            error={problem}
            value={record}
            onChange={setRecord}
          />
        )}
        {against === 'events' && <FieldError message={problem} />}
        <Button busy={fetching} onClick={() => void test()}>
          Test rule
        </Button>
        <Text subdued>A test writes nothing.</Text>
        {results && <Results results={results.results} matched={results.matched} />}
      </Stack>
    </Section>
  );
}

function Results({ results, matched }: { results: readonly Result[]; matched: number }) {
  if (results.length === 0) {
    return <Text>No events to test against yet. Change a record in your shop, or test one record.</Text>;
  }
  return (
    <>
      <Text strong>
        {number(matched)} of {plural(results.length, 'record')} matched
      </Text>
      <Spoken live>{`${matched} of ${results.length} matched`}</Spoken>
      {results.map((result, index) => (
        <Fold
          key={`${result.resourceId} ${index}`}
          open={results.length === 1}
          summary={
            <>
              <Text>{result.title}</Text>
              <Badge tone={result.evaluation.matched ? 'success' : 'neutral'}>
                {outcome(result.evaluation.matched ? 'MATCHED' : result.evaluation.outcome)}
              </Badge>
            </>
          }
        >
          <Stack gap="small-200">
            <div>
              <Conditions conditions={result.evaluation.conditions} />
            </div>
            <Outcome result={result} />
          </Stack>
        </Fold>
      ))}
    </>
  );
}

function Outcome({ result }: { result: Result }) {
  if (!isList(result.before, result.after)) {
    if (result.after == null) return null;
    return <Code>{JSON.stringify({ before: result.before, after: result.after }, null, 2)}</Code>;
  }
  const tags = tagChanges(result.before, result.after);
  if (tags.every((tag) => tag.kind === 'kept')) return <Text subdued>No tag would change.</Text>;
  return (
    <Chips>
      {tags.map(({ tag, kind }) => (
        <ChangeChip key={`${kind} ${tag}`} kind={kind}>
          {tag}
        </ChangeChip>
      ))}
    </Chips>
  );
}
