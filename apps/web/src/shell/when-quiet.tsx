import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';

/** Does something once, as soon as all that was asked for has been answered. */
export function WhenQuiet({ act }: { readonly act: () => void }): ReactNode {
  const client = useQueryClient();
  const fetching = useIsFetching();
  const [isQuiet, setIsQuiet] = useState(false);
  useEffect(() => {
    // Asked anew: what has begun since this was drawn counts, too.
    if (client.isFetching() === 0) setIsQuiet(true);
  }, [client, fetching]);
  useEffect(() => {
    if (isQuiet) act();
  }, [isQuiet, act]);
  return null;
}
