import { Bones, Page, Section } from '../../ui';

/** The settings before they are read. */
export function SettingsSkeleton() {
  return (
    <Page
      heading="Settings"
      lead="Who else may write to your log, and how long it is kept"
      aside={
        <Section heading="How long things are kept">
          <Bones lines={6} />
        </Section>
      }
    >
      <Section heading="API keys">
        <Bones lines={5} label="Loading the settings" />
      </Section>
      <Section heading="Sources">
        <Bones lines={5} />
      </Section>
      <Section heading="Notifications">
        <Bones lines={5} />
      </Section>
      <Section heading="Streams">
        <Bones lines={5} />
      </Section>
    </Page>
  );
}
