import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';

/** Does something once, as soon as all that was asked for has been answered; then it hears of no answer any more. */
export function WhenQuiet({ act }: { readonly act: () => void }): ReactNode {
  const [isQuiet, setIsQuiet] = useState(false);
  useEffect(() => {
    if (isQuiet) act();
  }, [isQuiet, act]);
  return isQuiet ? null : <UntilQuiet onQuiet={() => setIsQuiet(true)} />;
}

function UntilQuiet({ onQuiet }: { readonly onQuiet: () => void }): ReactNode {
  const client = useQueryClient();
  const fetching = useIsFetching();
  useEffect(() => {
    // Asked anew: what has begun since this was drawn counts, too.
    if (client.isFetching() === 0) onQuiet();
  }, [client, fetching]);
  return null;
}
