import { useMemo, useState } from 'react';
import { useMutation, useQuery } from 'urql';
import {
  SavedViewDeleteDocument,
  SavedViewSaveDocument,
  SavedViewsDocument,
  type ViewFragment,
} from '../../generated/graphql';
import { useZone } from '../../parts/shop';
import { toast } from '../../shopify/admin';
import {
  Button,
  Checkbox,
  FieldError,
  Menu,
  MenuSection,
  Modal,
  Paragraph,
  Stack,
  TextField,
} from '../../ui';
import { type Filters, plain } from './filters';
import { fromView, isChanged, toView } from './views';

type Asking = { what: 'new' } | { what: 'rename' | 'delete'; view: ViewFragment };

/** The saved views: one chooses one, saves what one sees, or changes what was saved. */
export function ViewsMenu(props: { filters: Filters; onChange: (filters: Filters) => void }) {
  const { filters, onChange } = props;
  const zone = useZone();
  // A list without views names no type by which the cache could know that a new one belongs to it.
  const context = useMemo(() => ({ additionalTypenames: ['SavedView'] }), []);
  const [{ data }] = useQuery({ query: SavedViewsDocument, context });
  const [, save] = useMutation(SavedViewSaveDocument);
  const [asking, setAsking] = useState<Asking | null>(null);

  const views = data?.savedViews ?? [];
  const selected = views.find((view) => view.id === filters.view);
  const changed = selected !== undefined && isChanged(filters, selected, zone);
  const saveChanges = async () => {
    if (!selected) return;
    const { id, name, shared } = selected;
    const { data: saved } = await save({ input: { id, name, shared, filter: toView(filters, zone) } });
    if (saved?.savedViewSave.savedView) toast('View saved');
    else setAsking({ what: 'rename', view: selected });
  };
  const item = (view: ViewFragment) => (
    <Button
      key={view.id}
      icon={view.id === filters.view ? 'check' : undefined}
      onClick={() => onChange(fromView(view, zone))}
    >
      {view.name}
    </Button>
  );
  const own = views.filter((view) => !view.shared);
  const shared = views.filter((view) => view.shared);
  return (
    <>
      <Button opens="views" icon="list-bulleted" variant="tertiary">
        {selected ? `${selected.name}${changed ? ' (edited)' : ''}` : 'Views'}
      </Button>
      <Menu id="views" label="Views">
        {own.length > 0 && <MenuSection heading="My views">{own.map(item)}</MenuSection>}
        {shared.length > 0 && <MenuSection heading="Shared views">{shared.map(item)}</MenuSection>}
        <MenuSection>
          {selected && <Button onClick={() => onChange(plain)}>Leave this view</Button>}
          {changed && (
            <Button icon="save" onClick={saveChanges}>
              Save changes
            </Button>
          )}
          <Button icon="plus" onClick={() => setAsking({ what: 'new' })}>
            Save as new view
          </Button>
          {selected && (
            <Button icon="edit" onClick={() => setAsking({ what: 'rename', view: selected })}>
              Rename or share
            </Button>
          )}
          {selected && (
            <Button icon="delete" critical onClick={() => setAsking({ what: 'delete', view: selected })}>
              Delete view
            </Button>
          )}
        </MenuSection>
      </Menu>
      <NameView
        key={asking?.what === 'rename' ? asking.view.id : asking?.what}
        open={asking?.what === 'new' || asking?.what === 'rename'}
        view={asking?.what === 'rename' ? asking.view : undefined}
        filters={filters}
        onClose={() => setAsking(null)}
        onSaved={(view) => onChange({ ...filters, view: view.id })}
      />
      <DeleteView
        view={asking?.what === 'delete' ? asking.view : undefined}
        onClose={() => setAsking(null)}
        onDeleted={() => onChange({ ...filters, view: undefined })}
      />
    </>
  );
}

/** Asks for a view's name and whether all may see it. */
function NameView(props: {
  open: boolean;
  view?: ViewFragment;
  filters: Filters;
  onClose: () => void;
  onSaved: (view: ViewFragment) => void;
}) {
  const zone = useZone();
  const [name, setName] = useState(props.view?.name ?? '');
  const [shared, setShared] = useState(props.view?.shared ?? false);
  const [problem, setProblem] = useState<string>();
  const [{ fetching }, save] = useMutation(SavedViewSaveDocument);
  const submit = async () => {
    if (name.trim() === '') return setProblem('Give the view a name.');
    // A new name changes nothing else about a view.
    const filter = props.view ? toView(fromView(props.view, zone), zone) : toView(props.filters, zone);
    const { data, error } = await save({ input: { id: props.view?.id, name: name.trim(), shared, filter } });
    const view = data?.savedViewSave.savedView;
    if (error || !view) {
      return setProblem(
        data?.savedViewSave.userErrors[0]?.message ?? 'The view could not be saved. Try again.',
      );
    }
    toast('View saved');
    props.onClose();
    props.onSaved(view);
  };
  return (
    <Modal
      heading={props.view ? 'Rename or share view' : 'Save view'}
      open={props.open}
      onClose={props.onClose}
      primaryAction={
        <Button slot="primary-action" variant="primary" busy={fetching} onClick={submit}>
          Save view
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
          value={name}
          placeholder="Failed orders"
          error={problem}
          onChange={(typed) => {
            setName(typed);
            setProblem(undefined);
          }}
        />
        <Checkbox
          label="Shared with all staff"
          details="Everybody sees it, and may change or delete it."
          checked={shared}
          onChange={setShared}
        />
      </Stack>
    </Modal>
  );
}

/** Asks before a view is deleted. */
function DeleteView(props: { view?: ViewFragment; onClose: () => void; onDeleted: () => void }) {
  const [{ fetching, error, data }, remove] = useMutation(SavedViewDeleteDocument);
  const problem = error
    ? 'The view could not be deleted. Try again.'
    : data?.savedViewDelete.userErrors[0]?.message;
  const submit = async () => {
    if (!props.view) return;
    const { data: done } = await remove({ id: props.view.id });
    if (!done?.savedViewDelete.deletedId) return;
    toast('View deleted');
    props.onClose();
    props.onDeleted();
  };
  return (
    <Modal
      heading="Delete view"
      open={props.view !== undefined}
      onClose={props.onClose}
      primaryAction={
        <Button slot="primary-action" variant="primary" critical busy={fetching} onClick={submit}>
          Delete view
        </Button>
      }
      secondaryAction={
        <Button slot="secondary-actions" onClick={props.onClose}>
          Cancel
        </Button>
      }
    >
      <Stack>
        <Paragraph>
          {props.view?.shared ? `${props.view.name} is shared: it goes for all staff.` : props.view?.name} The
          entries that it shows stay.
        </Paragraph>
        <FieldError message={problem} />
      </Stack>
    </Modal>
  );
}
