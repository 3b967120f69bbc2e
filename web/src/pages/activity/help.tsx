import { Button, KeyLine, Modal, Stack, Text } from '../../ui';
import { qualifiers } from './search';

/** Which keys there are, and what the search understands. */
export function Help(props: { open: boolean; onClose: () => void }) {
  return (
    <Modal
      heading="Keys and search"
      open={props.open}
      onClose={props.onClose}
      primaryAction={null}
      secondaryAction={
        <Button slot="secondary-actions" onClick={props.onClose}>
          Close
        </Button>
      }
    >
      <Stack gap="large">
        <Stack gap="small-200">
          <KeyLine keys={['j', 'k']}>Next and previous entry</KeyLine>
          <KeyLine keys={['Enter']}>Open the entry</KeyLine>
          <KeyLine keys={['/']}>Search</KeyLine>
          <KeyLine keys={['Esc']}>Leave the entry, or clear the search</KeyLine>
          <KeyLine keys={['?']}>Show this</KeyLine>
        </Stack>
        <Stack gap="small-200">
          <Text>
            All words must be in the entry’s line. A qualifier may stand several times: any of its values will
            do. Quote what has spaces, such as tag:"Big spender".
          </Text>
          {Object.entries(qualifiers).map(([name, words]) => (
            <KeyLine key={name} keys={[`${name}:`]}>
              {words.charAt(0).toUpperCase() + words.slice(1)}
            </KeyLine>
          ))}
        </Stack>
      </Stack>
    </Modal>
  );
}
