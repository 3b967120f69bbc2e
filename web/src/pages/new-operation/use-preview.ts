// Asking the server what an operation would do.
import { useState } from 'react';
import { useClient } from 'urql';
import { OperationPreviewDocument, type OperationPreviewQuery } from '../../generated/graphql';
import { type Draft, inputOf, type Problems, previewKey, serverProblems } from './draft';

export type Preview = OperationPreviewQuery['operationPreview'];

/** The preview of one draft, kept until another is asked for. */
export function usePreview() {
  const client = useClient();
  const [answer, setAnswer] = useState<{ key: string; preview: Preview }>();
  const [asking, setAsking] = useState(false);
  return {
    asking,
    /** The preview of a draft; nothing where it was not asked for, or something was wrong. */
    of: (draft: Draft): Preview | undefined =>
      answer?.key === previewKey(draft) ? answer.preview : undefined,
    ask: async (draft: Draft): Promise<{ problems: Problems }> => {
      setAsking(true);
      const { data, error } = await client
        .query(OperationPreviewDocument, { input: inputOf(draft) }, { requestPolicy: 'network-only' })
        .toPromise();
      setAsking(false);
      if (!data || error) return { problems: new Map([['selection', unreached(error?.response)]]) };
      const problems = serverProblems(data.operationPreview.userErrors);
      if (problems.size === 0) setAnswer({ key: previewKey(draft), preview: data.operationPreview });
      return { problems };
    },
  };
}

/** Why there is no answer: a file that is too large for one request, or no way to the server. */
function unreached(response: unknown): string {
  const status = (response as { status?: number } | undefined)?.status;
  return status === 413
    ? 'The file is too large to be sent. Split it into smaller ones.'
    : 'The preview could not be made. Check your connection and try again.';
}
