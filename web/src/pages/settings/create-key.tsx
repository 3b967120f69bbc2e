import { useState } from 'react';
import { useMutation } from 'urql';
import { ApiKeyCreateDocument, type ApiScope } from '../../generated/graphql';
import { copy } from '../../shopify/admin';
import {
  Banner,
  Button,
  ChoiceList,
  CopyBox,
  FieldError,
  Modal,
  Paragraph,
  Stack,
  TextField,
} from '../../ui';
import { problemAt, scopes } from './words';

const noProblems: readonly { field: string[] | null; message: string }[] = [];

/** Makes a key, and shows it this once. */
export function CreateKey(props: { open: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const [wanted, setWanted] = useState<ApiScope[]>(['RECORD']);
  const [key, setKey] = useState<string>();
  const [problems, setProblems] = useState(noProblems);
  const [{ fetching }, create] = useMutation(ApiKeyCreateDocument);

  const run = async () => {
    const { data, error } = await create(
      { input: { name: name.trim(), scopes: wanted } },
      { additionalTypenames: ['APIKey'] },
    );
    setKey(data?.apiKeyCreate.key ?? undefined);
    const refused = data?.apiKeyCreate.userErrors ?? noProblems;
    setProblems(error ? [{ field: null, message: 'The key could not be made. Try again.' }] : refused);
  };
  const close = () => {
    setName('');
    setWanted(['RECORD']);
    setKey(undefined);
    setProblems(noProblems);
    props.onClose();
  };
  return (
    <Modal
      heading={key ? 'Copy your key now' : 'Create an API key'}
      open={props.open}
      onClose={close}
      primaryAction={
        key ? (
          <Button slot="primary-action" variant="primary" onClick={close}>
            I have copied it
          </Button>
        ) : (
          <Button slot="primary-action" variant="primary" busy={fetching} onClick={() => void run()}>
            Create key
          </Button>
        )
      }
      secondaryAction={
        key ? null : (
          <Button slot="secondary-actions" onClick={close}>
            Cancel
          </Button>
        )
      }
    >
      {key ? (
        <NewKey apiKey={key} />
      ) : (
        <Stack>
          <TextField
            label="Name"
            details="What uses it, such as Shipping script. It stands in the log as the actor."
            required
            error={problemAt(problems, 'name')}
            value={name}
            onChange={setName}
          />
          <ChoiceList<ApiScope>
            label="It may"
            multiple
            error={problemAt(problems, 'scopes')}
            values={wanted}
            choices={(Object.keys(scopes) as ApiScope[]).map((value) => ({
              value,
              label: scopes[value].label,
            }))}
            onChange={setWanted}
          />
          <FieldError message={problemAt(problems, '')} />
        </Stack>
      )}
    </Modal>
  );
}

function NewKey({ apiKey }: { apiKey: string }) {
  return (
    <Stack>
      <Banner tone="warning" heading="It is shown this once">
        Only a fingerprint of it is kept. If you lose it, create another key and revoke this one.
      </Banner>
      <CopyBox
        label="The key"
        text={apiKey}
        action={
          <Button icon="duplicate" onClick={() => void copy(apiKey, 'Key copied')}>
            Copy
          </Button>
        }
      />
      <Paragraph subdued>
        Send it in the header of each request to the API: Authorization: Bearer, then the key.
      </Paragraph>
    </Stack>
  );
}
