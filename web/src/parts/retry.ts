// Asking the server to do failed work again.
import { useState } from 'react';
import { useMutation } from 'urql';
import { ActivityRetryDocument } from '../generated/graphql';
import { toast } from '../shopify/admin';

/** What a button that retries needs: whether it runs, why it was refused, and the deed. */
export interface Retry {
  busy: boolean;
  problem: string | undefined;
  run: (id: string) => Promise<void>;
  dismiss: () => void;
}

/** Retries one entry. The live stream tells what becomes of it. */
export function useRetry(): Retry {
  const [problem, setProblem] = useState<string>();
  const [{ fetching }, retry] = useMutation(ActivityRetryDocument);
  return {
    busy: fetching,
    problem,
    run: async (id) => {
      setProblem(undefined);
      const { data, error } = await retry({ id });
      const refused = data?.activityRetry.userErrors[0]?.message;
      if (refused || error) setProblem(refused ?? 'The server could not be reached. Try again.');
      else toast('Trying again');
    },
    dismiss: () => setProblem(undefined),
  };
}
