// The names of a rule's fields for people.
import { useMemo } from 'react';
import { useQuery } from 'urql';
import { AllRuleFieldsDocument, type RuleFieldType } from '../generated/graphql';
import { sentence } from '../words/words';

/** A field's name for people and, where the field is known, its type. */
export interface FieldName {
  label: string;
  type?: RuleFieldType;
}

/** Finds fields by name. A field of two resources has one name and type in both, so which one does not matter. */
export function useFieldNames(): (name: string) => FieldName {
  const [{ data }] = useQuery({ query: AllRuleFieldsDocument });
  return useMemo(() => {
    const known = new Map<string, FieldName>();
    for (const field of [...(data?.ORDER ?? []), ...(data?.CUSTOMER ?? []), ...(data?.PRODUCT ?? [])]) {
      known.set(field.name, field);
    }
    return (name) => known.get(name) ?? { label: sentence(name) };
  }, [data]);
}
