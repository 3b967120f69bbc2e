import { useQuery } from 'urql';
import { SettingsDocument } from '../../generated/graphql';
import { Page } from '../../ui';
import { SettingsError } from './error';
import { Keys } from './keys';
import { Notifications } from './notifications';
import { SettingsSkeleton } from './skeleton';
import { Sources } from './sources';
import { Storage } from './storage';
import { Streams } from './streams';

// Empty lists name no key, no source and no stream, so they say themselves what they depend on.
const context = { additionalTypenames: ['APIKey', 'Source', 'Stream'] };

/** Who else may write to the log or gets it, and how long things are kept. */
export function SettingsPage() {
  const [{ data, error }, read] = useQuery({
    query: SettingsDocument,
    context,
    requestPolicy: 'cache-and-network',
  });
  if (!data) {
    return error ? (
      <SettingsError onRetry={() => read({ requestPolicy: 'network-only' })} />
    ) : (
      <SettingsSkeleton />
    );
  }
  return (
    <Page heading="Settings" lead="Who else may write to your log, and how long it is kept">
      <Keys keys={data.apiKeys} />
      <Sources sources={data.sources} />
      <Notifications settings={data.shop.settings} />
      <Streams streams={data.streams} />
      <Storage />
    </Page>
  );
}
