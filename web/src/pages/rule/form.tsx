import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { useMutation } from 'urql';
import { RuleCreateDocument, type RuleFullFragment, RuleUpdateDocument } from '../../generated/graphql';
import { explainHref } from '../../parts/links';
import { SaveBar, toast } from '../../shopify/admin';
import { Banner, Button, Page, Text } from '../../ui';
import { RuleStatus } from '../rules/page';
import { DeleteRule } from './delete';
import { type Draft, draftOf, emptyDraft, errorsByPath, inputOf, same } from './draft';
import { RuleFieldsSections } from './sections';
import { TakeBack } from './take-back';
import { TestPanel } from './test-panel';
import { Versions } from './versions';

const saveBar = 'rule-save-bar';

/** The form of a rule: a saved one, or a new one from a start. */
export function RuleForm(props: { rule: RuleFullFragment | null; start: Draft | null }) {
  const { rule } = props;
  const navigate = useNavigate();
  const [saved, setSaved] = useState<Draft>(() => (rule ? draftOf(rule) : emptyDraft()));
  const [draft, setDraft] = useState<Draft>(() => props.start ?? saved);
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [deleting, setDeleting] = useState(false);
  const [reverting, setReverting] = useState(false);
  const [creating, create] = useMutation(RuleCreateDocument);
  const [updating, update] = useMutation(RuleUpdateDocument);
  const dirty = useMemo(() => !same(draft, saved), [draft, saved]);

  const save = async () => {
    const input = inputOf(draft);
    const { payload, failed } = rule
      ? await update({ id: rule.id, input }).then(({ data, error }) => ({
          payload: data?.ruleUpdate,
          failed: error,
        }))
      : await create({ input }).then(({ data, error }) => ({ payload: data?.ruleCreate, failed: error }));
    if (failed || !payload) {
      setErrors(new Map([['', 'The rule could not be saved. Check your connection and try again.']]));
    } else if (!payload.rule) {
      setErrors(errorsByPath(payload.userErrors));
    } else {
      setErrors(new Map());
      setSaved(draft);
      toast('Rule saved');
      if (!rule) navigate(`/rules/${payload.rule.id}`, { replace: true });
    }
  };
  const change = (next: Draft) => {
    setDraft(next);
    if (errors.size > 0) setErrors(new Map());
  };

  return (
    <Page
      heading={rule?.name ?? 'New rule'}
      back={{ href: '/rules', label: 'Rules' }}
      lead={
        rule ? (
          <>
            <RuleStatus rule={rule} />
            <Text subdued>{rule.pausedReason ?? `Version ${rule.version}`}</Text>
          </>
        ) : (
          'Nothing runs until it is saved'
        )
      }
      secondaryActions={
        rule && (
          <>
            <Button slot="secondary-actions" icon="question-circle" href={explainHref({ rule: rule.id })}>
              Why didn’t it fire?
            </Button>
            <Button slot="secondary-actions" icon="undo" onClick={() => setReverting(true)}>
              Take back what it did
            </Button>
            <Button slot="secondary-actions" icon="delete" onClick={() => setDeleting(true)}>
              Delete
            </Button>
          </>
        )
      }
      aside={
        <>
          <TestPanel draft={draft} />
          {rule && <Versions versions={rule.versions} />}
        </>
      }
    >
      <SaveBar
        id={saveBar}
        open={dirty}
        busy={creating.fetching || updating.fetching}
        onSave={() => void save()}
        onDiscard={() => {
          setErrors(new Map());
          setDraft(saved);
        }}
      />
      <Refusal errors={errors} />
      <RuleFieldsSections draft={draft} errors={errors} onChange={change} />
      {rule && <TakeBack rule={rule} open={reverting} onClose={() => setReverting(false)} />}
      {rule && <DeleteRule rule={rule} open={deleting} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

/** Says that the rule was not saved; what is wrong with a field stands beside the field. */
function Refusal({ errors }: { errors: ReadonlyMap<string, string> }) {
  if (errors.size === 0) return null;
  const general = errors.get('');
  const count = errors.size - (general ? 1 : 0);
  const beside =
    count === 1
      ? 'One field needs a look; it is marked below.'
      : `${count} fields need a look; they are marked below.`;
  return (
    <Banner tone="critical" heading="The rule was not saved">
      {[general, count > 0 && beside].filter(Boolean).join(' ')}
    </Banner>
  );
}
