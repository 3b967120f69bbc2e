import { Ago } from '../../parts/entry';
import { Badge, Text } from '../../ui';
import { type Subject, typeName } from './words';

/** What stands under a record's name: what it is, when it last changed, whether it is gone. */
export function Lead({ subject, now }: { subject: Subject; now: number }) {
  return (
    <>
      {subject.deletedAt && <Badge tone="critical">Deleted</Badge>}
      <Text subdued>
        {typeName(subject.type)}
        {subject.deletedAt ? (
          <>
            {' · deleted '}
            <Ago at={subject.deletedAt} now={now} lower />
          </>
        ) : (
          subject.changedAt && (
            <>
              {' · last changed '}
              <Ago at={subject.changedAt} now={now} lower />
            </>
          )
        )}
      </Text>
    </>
  );
}
