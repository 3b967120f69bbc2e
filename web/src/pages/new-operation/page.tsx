import { useState } from 'react';
import { useNavigate, useNavigationType, useSearchParams } from 'react-router';
import { useMutation } from 'urql';
import { OperationStartDocument } from '../../generated/graphql';
import { operationHref } from '../../parts/links';
import { toast } from '../../shopify/admin';
import { Page, Section, StepBar } from '../../ui';
import { ConfirmStep } from './confirm-step';
import {
  type Draft,
  emptyDraft,
  inputOf,
  openStep,
  type Problems,
  previewKey,
  type Step,
  serverProblems,
  stepOf,
  steps,
  whatProblems,
  whichProblems,
} from './draft';
import { PreviewStep } from './preview-step';
import { usePreview } from './use-preview';
import { WhatStep } from './what-step';
import { WhichStep } from './which-step';

const names: Record<Step, string> = { what: 'What', which: 'Which', preview: 'Preview', confirm: 'Confirm' };
const noProblems: Problems = new Map();

// What was typed is there again when the browser's way back leads here. A new visit starts anew.
let kept: Draft | undefined;

/** Puts an operation together: what, which records, what it would do, and the word to start. */
export function NewOperationPage() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const arrived = useNavigationType();
  const [draft, setDraft] = useState<Draft>(() => (arrived === 'POP' && kept) || emptyDraft(query));
  const [problems, setProblems] = useState<Problems>(noProblems);
  const preview = usePreview();
  const [{ fetching: starting }, start] = useMutation(OperationStartDocument);

  const step = openStep(query.get('step'), draft, preview.of(draft) !== undefined);
  const go = (to: Step, how?: { replace: boolean }) => {
    const next = new URLSearchParams(query);
    if (to === 'what') next.delete('step');
    else next.set('step', to);
    window.scrollTo({ top: 0 });
    navigate({ search: next.toString() }, how);
  };
  const change = (next: Draft) => {
    kept = next;
    setDraft(next);
    if (problems.size > 0) setProblems(noProblems);
  };

  const leaveWhat = () => {
    const wrong = whatProblems(draft);
    setProblems(wrong);
    if (wrong.size === 0) go('which');
  };
  const leaveWhich = async () => {
    const wrong = whichProblems(draft);
    setProblems(wrong);
    if (wrong.size > 0) return;
    const answer = await preview.ask(draft);
    setProblems(answer.problems);
    if (answer.problems.size === 0) go('preview');
    else showFirst(answer.problems);
  };
  /** Goes to where something is wrong, unless it stands there already. */
  const showFirst = (wrong: Problems) => {
    const [field = ''] = wrong.keys();
    const at = stepOf(field);
    if (at === 'what' && step !== 'what') go('what');
  };
  const begin = async () => {
    const { data, error } = await start({ input: inputOf(draft) }, { additionalTypenames: ['Operation'] });
    const operation = data?.operationStart.operation;
    if (operation) {
      kept = undefined;
      toast('Operation started');
      navigate(operationHref(operation.id), { replace: true });
      return;
    }
    const wrong = error
      ? new Map([['', 'The operation could not be started. Check your connection and try again.']])
      : serverProblems(data?.operationStart.userErrors ?? []);
    setProblems(wrong);
    const [field = ''] = wrong.keys();
    if (stepOf(field) !== 'confirm') go(stepOf(field));
  };

  const told = preview.of(draft);
  return (
    <Page
      heading="New operation"
      back={{ href: '/operations', label: 'Operations' }}
      lead="Nothing is written until you start it in the last step"
    >
      <Section label="Steps">
        <StepBar<Step>
          label="Steps"
          current={step}
          steps={steps.map((id) => ({
            id,
            name: names[id],
            open: openStep(id, draft, told !== undefined) === id,
          }))}
          onGo={(to) => go(to)}
        />
      </Section>
      {step === 'what' && <WhatStep draft={draft} problems={problems} onChange={change} onNext={leaveWhat} />}
      {step === 'which' && (
        <WhichStep
          draft={draft}
          problems={problems}
          busy={preview.asking}
          onChange={change}
          onBack={() => go('what')}
          onNext={() => void leaveWhich()}
        />
      )}
      {step === 'preview' && told && (
        <PreviewStep
          key={previewKey(draft)}
          draft={draft}
          preview={told}
          onBack={() => go('which')}
          onNext={() => go('confirm')}
        />
      )}
      {step === 'confirm' && told && (
        <ConfirmStep
          draft={draft}
          preview={told}
          problems={problems}
          busy={starting}
          onChange={change}
          onBack={() => go('preview')}
          onStart={() => void begin()}
        />
      )}
    </Page>
  );
}
