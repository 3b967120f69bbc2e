import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import {
  type ActivityFilter,
  SavedViewsDocument,
  StreamCreateDocument,
  type StreamRowFragment,
  StreamUpdateDocument,
} from '../../generated/graphql';
import { toast } from '../../shopify/admin';
import { Button, FieldError, Modal, Select, Stack, TextField } from '../../ui';
import { NewSecret } from './new-secret';
import { sameFilter, withoutDates } from './stream-words';
import { otherProblem, problemAt } from './words';

const noProblems: readonly { field: string[] | null; message: string }[] = [];
const fields = ['name', 'url', 'filter'];
const everything = 'everything';
const asItIs = 'as it is';

/** Makes a stream and shows its secret this once, or changes one. */
export function StreamDialog(props: {
  stream: StreamRowFragment | null;
  open: boolean;
  onClose: () => void;
}) {
  const { stream } = props;
  const [draft, setDraft] = useState({
    name: stream?.name ?? '',
    url: stream?.url ?? '',
    what: stream && !sameFilter(stream.filter, {}) ? asItIs : everything,
  });
  const [made, setMade] = useState<{ name: string; secret: string }>();
  const [problems, setProblems] = useState(noProblems);
  const [{ data: saved }] = useQuery({ query: SavedViewsDocument });
  const [creation, create] = useMutation(StreamCreateDocument);
  const [updating, update] = useMutation(StreamUpdateDocument);
  const views = saved?.savedViews ?? [];

  const change = (next: Partial<typeof draft>) => {
    setDraft({ ...draft, ...next });
    setProblems(noProblems);
  };
  const filter = (): ActivityFilter => {
    if (draft.what === asItIs) return stream?.filter as ActivityFilter;
    const view = views.find((one) => one.id === draft.what);
    return view ? withoutDates(view.filter as ActivityFilter) : {};
  };
  const run = async () => {
    const input = { name: draft.name.trim(), url: draft.url.trim(), filter: filter() };
    if (stream) {
      const { data, error } = await update({ id: stream.id, input });
      if (!data?.streamUpdate.stream) return refuse(data?.streamUpdate.userErrors, error);
      toast('Stream changed');
      return props.onClose();
    }
    const { data, error } = await create({ input }, { additionalTypenames: ['Stream'] });
    const { secret } = data?.streamCreate ?? {};
    if (!secret) return refuse(data?.streamCreate.userErrors, error);
    setMade({ name: input.name, secret });
  };
  const refuse = (refused: typeof noProblems | undefined, error: unknown) =>
    setProblems(
      error
        ? [{ field: null, message: 'The stream could not be saved. Try again.' }]
        : (refused ?? noProblems),
    );
  if (made) return <NewSecret {...made} open={props.open} onClose={props.onClose} />;
  return (
    <Modal
      heading={stream ? `Change ${stream.name}` : 'Add a stream'}
      open={props.open}
      onClose={props.onClose}
      primaryAction={
        <Button
          slot="primary-action"
          variant="primary"
          busy={creation.fetching || updating.fetching}
          onClick={() => void run()}
        >
          {stream ? 'Save' : 'Add stream'}
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={props.onClose}>
          Cancel
        </Button>
      }
    >
      <Stack>
        <TextField
          label="Name"
          details="What receives it, such as Data warehouse"
          required
          error={problemAt(problems, 'name')}
          value={draft.name}
          onChange={(name) => change({ name })}
        />
        <TextField
          label="Address"
          placeholder="https://example.com/tagtrail"
          details="Entries are sent there by POST, as soon as they are written"
          required
          error={problemAt(problems, 'url')}
          value={draft.url}
          onChange={(url) => change({ url })}
        />
        <Select
          label="What it sends"
          details="A saved view is taken as it is now, without its dates"
          error={problemAt(problems, 'filter')}
          value={draft.what}
          options={[
            ...(stream && !sameFilter(stream.filter, {})
              ? [{ value: asItIs, label: 'What it sends now' }]
              : []),
            { value: everything, label: 'Every entry' },
            ...views.map((view) => ({ value: view.id, label: view.name, group: 'Saved views' })),
          ]}
          onChange={(what) => change({ what })}
        />
        <FieldError message={otherProblem(problems, fields)} />
      </Stack>
    </Modal>
  );
}
