import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { type RuleRowFragment, RuleSetEnabledDocument, RulesDocument } from '../../generated/graphql';
import { toast } from '../../shopify/admin';
import {
  Badge,
  Banner,
  Button,
  ChangeChip,
  Chips,
  type Column,
  Hint,
  Page,
  RowLink,
  Section,
  Switch,
  Table,
  type TableRow,
  Text,
  useNarrow,
} from '../../ui';
import { list, resources, triggers } from '../../words/words';
import { RulesEmpty } from './empty';
import { RulesError } from './error';
import { RulesSkeleton } from './skeleton';

const columns: readonly Column[] = [
  { name: 'Rule', list: 'primary' },
  { name: 'Looks at', list: 'secondary' },
  { name: 'Tags', list: 'labeled' },
  { name: 'Priority', list: 'labeled' },
  { name: 'Status', list: 'inline' },
  { name: 'Enabled', list: 'labeled' },
];

// A list gives each column a line of its own, so on a narrow screen there are fewer.
const narrowColumns: readonly Column[] = [
  { name: 'Rule', list: 'primary' },
  { name: 'Looks at', list: 'secondary' },
  { name: 'Tags', list: 'secondary' },
  { name: 'Status', list: 'inline' },
  { name: 'Enabled', list: 'labeled' },
];

// An empty list names no rule, so it says itself that it depends on them.
const context = { additionalTypenames: ['Rule'] };
const pageSize = 100;

/** The rules, in the order in which they are looked at. */
export function RulesPage() {
  const [after, setAfter] = useState<string[]>([]);
  const [{ data, error }, read] = useQuery({
    query: RulesDocument,
    variables: { first: pageSize, after: after.at(-1) },
    context,
    requestPolicy: 'cache-and-network',
  });
  if (!data && !error) return <RulesSkeleton />;
  const page = data?.rules.pageInfo;
  return (
    <Page
      heading="Rules"
      size="large"
      lead="What tags a record gets, and when"
      primaryAction={
        <Button slot="primary-action" variant="primary" href="/rules/new">
          Create rule
        </Button>
      }
    >
      {!data ? (
        <Section label="Rules">
          <RulesError onRetry={() => read({ requestPolicy: 'network-only' })} />
        </Section>
      ) : data.rules.nodes.length === 0 ? (
        <RulesEmpty />
      ) : (
        <RuleRows
          rules={data.rules.nodes}
          paging={{
            next: page?.hasNextPage ?? false,
            previous: after.length > 0,
            onNext: () => page?.endCursor && setAfter([...after, page.endCursor]),
            onPrevious: () => setAfter(after.slice(0, -1)),
          }}
        />
      )}
    </Page>
  );
}

function RuleRows(props: {
  rules: readonly RuleRowFragment[];
  paging: { next: boolean; previous: boolean; onNext: () => void; onPrevious: () => void };
}) {
  const [problem, setProblem] = useState<string | null>(null);
  const [, setEnabled] = useMutation(RuleSetEnabledDocument);
  const isNarrow = useNarrow();
  const switchRule = async (rule: RuleRowFragment, enabled: boolean) => {
    setProblem(null);
    const { data, error } = await setEnabled({ id: rule.id, enabled });
    const refused = data?.ruleSetEnabled.userErrors[0]?.message;
    if (error || refused) setProblem(refused ?? `${rule.name} could not be switched. Try again.`);
    else toast(enabled ? 'Rule enabled' : 'Rule disabled');
  };
  return (
    <>
      {problem && (
        <Banner tone="critical" heading="The rule was not switched" onDismiss={() => setProblem(null)}>
          {problem}
        </Banner>
      )}
      <Section label="Rules" padding="none">
        <Table
          columns={isNarrow ? narrowColumns : columns}
          paging={props.paging}
          rows={props.rules.map((rule): TableRow => {
            const name = (
              <RowLink key="name" id={`rule-${rule.id}`} href={`/rules/${rule.id}`}>
                {rule.name}
              </RowLink>
            );
            const tags = <RuleTags key="tags" rule={rule} />;
            const status = <RuleStatus key="status" rule={rule} />;
            const enable = (
              <Switch
                key="enable"
                label={`Enable ${rule.name}`}
                quiet
                checked={rule.enabled && rule.pausedReason === null}
                onChange={(enabled) => void switchRule(rule, enabled)}
              />
            );
            return {
              id: rule.id,
              link: `rule-${rule.id}`,
              cells: isNarrow
                ? [name, `${looksAt(rule)} · priority ${rule.priority}`, tags, status, enable]
                : [name, looksAt(rule), tags, String(rule.priority), status, enable],
            };
          })}
        />
      </Section>
    </>
  );
}

/** Such as Orders, created or updated. */
function looksAt(rule: RuleRowFragment): string {
  const when = list(
    rule.triggers.map((trigger) => triggers[trigger].toLowerCase()),
    'or',
  );
  return `${resources[rule.resource]} ${when}`;
}

function RuleTags({ rule }: { rule: RuleRowFragment }) {
  if (rule.addTags.length + rule.removeTags.length === 0) return <Text subdued>None</Text>;
  return (
    <Chips>
      {rule.addTags.map((tag) => (
        <ChangeChip key={`+${tag}`} kind="added">
          {tag}
        </ChangeChip>
      ))}
      {rule.removeTags.map((tag) => (
        <ChangeChip key={`-${tag}`} kind="removed">
          {tag}
        </ChangeChip>
      ))}
    </Chips>
  );
}

/** Enabled, disabled, or paused with the reason on hover. */
export function RuleStatus({ rule }: { rule: Pick<RuleRowFragment, 'enabled' | 'pausedReason'> }) {
  if (rule.pausedReason) {
    return (
      <Hint title={rule.pausedReason}>
        <Badge tone="warning">Paused</Badge>
      </Hint>
    );
  }
  return rule.enabled ? <Badge tone="success">Enabled</Badge> : <Badge>Disabled</Badge>;
}
