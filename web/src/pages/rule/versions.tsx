import type { RuleFullFragment } from '../../generated/graphql';
import { Ago } from '../../parts/entry';
import { useNow } from '../../parts/now';
import { Code, Fold, Section, Stack, Text } from '../../ui';

/** Each version of the rule as it was saved, newest first. */
export function Versions({ versions }: { versions: RuleFullFragment['versions'] }) {
  const now = useNow();
  return (
    <Section heading="Versions">
      <Stack gap="small-300">
        {versions.map((version) => (
          <Fold
            key={version.version}
            summary={
              <>
                <Text>Version {version.version}</Text>
                <Text subdued>
                  {version.by.name} · <Ago at={version.at} now={now} />
                </Text>
              </>
            }
          >
            <Code>{JSON.stringify(version.rule, null, 2)}</Code>
          </Fold>
        ))}
      </Stack>
    </Section>
  );
}
