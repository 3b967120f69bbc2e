import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useMutation } from 'urql';
import { RuleDeleteDocument, type RuleFullFragment } from '../../generated/graphql';
import { toast } from '../../shopify/admin';
import { Button, FieldError, Modal, Paragraph } from '../../ui';

/** Asks before a rule is deleted. */
export function DeleteRule(props: { rule: RuleFullFragment; open: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const [problem, setProblem] = useState<string>();
  // A deleted rule is not in the answer, so it says itself that lists of rules have changed.
  const [{ fetching }, run] = useMutation(RuleDeleteDocument);
  const remove = async () => {
    const { data, error } = await run({ id: props.rule.id }, { additionalTypenames: ['Rule'] });
    const refused = data?.ruleDelete.userErrors[0]?.message;
    if (error || refused) {
      setProblem(refused ?? 'The rule could not be deleted. Check your connection and try again.');
      return;
    }
    toast('Rule deleted');
    props.onClose();
    navigate('/rules', { replace: true });
  };
  return (
    <Modal
      heading={`Delete ${props.rule.name}?`}
      open={props.open}
      onClose={props.onClose}
      primaryAction={
        <Button
          slot="primary-action"
          variant="primary"
          critical
          busy={fetching}
          onClick={() => void remove()}
        >
          Delete rule
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={props.onClose}>
          Cancel
        </Button>
      }
    >
      <Paragraph>
        It stops at once. The tags that it put on stay, and so does what it did in the log. This can’t be
        undone.
      </Paragraph>
      <FieldError message={problem} />
    </Modal>
  );
}
