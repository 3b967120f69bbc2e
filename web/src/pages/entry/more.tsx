import { WhenExactly } from '../../parts/when';
import { Code, FieldChange, Fold, Section } from '../../ui';
import { facts, isDelivered, isMeasure } from './metadata';
import type { Entry } from './page';

/** What else is known of an entry: its metadata as a list, without what the page says elsewhere. */
export function More({ entry }: { entry: Entry }) {
  const known = facts(entry.metadata).filter(
    (fact) => !isMeasure(fact) && !(entry.delivery && isDelivered(fact)),
  );
  if (known.length === 0) return null;
  return (
    <Section heading="More about it">
      <div>
        {known.map((fact) => (
          <FieldChange key={fact.name} name={fact.name}>
            {fact.kind === 'text' && fact.text}
            {fact.kind === 'time' && <WhenExactly at={fact.at} />}
            {fact.kind === 'json' && (
              <Fold summary="Show">
                <Code>{fact.text}</Code>
              </Fold>
            )}
          </FieldChange>
        ))}
      </div>
    </Section>
  );
}
