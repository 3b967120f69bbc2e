import { Button, EmptyState, Heading, Paragraph, Section, StartCard, StartCards } from '../../ui';
import { templates } from '../rule/templates';

/** What stands where there are no rules: what a rule is, and a few to start from. */
export function RulesEmpty() {
  return (
    <>
      <Section label="No rules">
        <EmptyState
          heading="No rules yet"
          actions={
            <Button variant="primary" href="/rules/new">
              Create a rule
            </Button>
          }
        >
          A rule looks at each order, customer or product that is created or changed, and tags those that fit.
          What it did, and why, is written down under Activity.
        </EmptyState>
      </Section>
      <Section heading="Start from an example">
        <StartCards>
          {templates.map((template) => (
            <StartCard key={template.id}>
              <Heading>{template.title}</Heading>
              <Paragraph subdued>{template.about}</Paragraph>
              <div>
                <Button href={`/rules/new?from=${template.id}`} label={`Use this example: ${template.title}`}>
                  Use this
                </Button>
              </div>
            </StartCard>
          ))}
        </StartCards>
      </Section>
    </>
  );
}
