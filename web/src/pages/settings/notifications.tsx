import { useState } from 'react';
import { useMutation } from 'urql';
import { NotificationsUpdateDocument, type SettingsQuery } from '../../generated/graphql';
import { toast } from '../../shopify/admin';
import { Button, FieldError, Section, Stack, Switch, TextField } from '../../ui';
import { problemAt } from './words';

type Settings = SettingsQuery['shop']['settings'];
type Problems = readonly { field: readonly string[] | null; message: string }[];

/** Who is told by mail, and of what. */
export function Notifications({ settings }: { settings: Settings }) {
  const [emails, setEmails] = useState(settings.notifyEmails.join(', '));
  const [failures, setFailures] = useState(settings.notifyFailures);
  const [digest, setDigest] = useState(settings.notifyDigest);
  const [problems, setProblems] = useState<Problems>([]);
  const [{ fetching }, update] = useMutation(NotificationsUpdateDocument);
  const changed =
    emails !== settings.notifyEmails.join(', ') ||
    failures !== settings.notifyFailures ||
    digest !== settings.notifyDigest;
  const save = async () => {
    const { data, error } = await update(
      {
        input: {
          notifyEmails: emails.split(/[\s,;]+/).filter((one) => one !== ''),
          notifyFailures: failures,
          notifyDigest: digest,
        },
      },
      { additionalTypenames: ['Shop', 'Settings'] },
    );
    const refused = (data?.settingsUpdate.userErrors ?? []).map((one) => ({
      ...one,
      field: one.field ?? null,
    }));
    setProblems(error ? [{ field: null, message: 'The settings could not be saved. Try again.' }] : refused);
    const kept = data?.settingsUpdate.settings;
    if (!kept) return;
    setEmails(kept.notifyEmails.join(', '));
    toast('Notifications saved');
  };
  return (
    <Section heading="Notifications">
      <Stack>
        <TextField
          label="Mail to"
          details="Addresses, with commas between them; at most 10."
          placeholder="you@example.com"
          error={problemAt(problems, 'notifyEmails')}
          value={emails}
          onChange={setEmails}
        />
        <Switch
          label="When something fails"
          details="At most one mail an hour for each cause."
          checked={failures}
          onChange={setFailures}
        />
        <Switch
          label="A digest of each week"
          details="On Mondays at 8:00, in your shop's time zone."
          checked={digest}
          onChange={setDigest}
        />
        <FieldError message={problemAt(problems, '')} />
        <Stack inline>
          <Button variant="primary" busy={fetching} disabled={!changed} onClick={() => void save()}>
            Save
          </Button>
        </Stack>
      </Stack>
    </Section>
  );
}
