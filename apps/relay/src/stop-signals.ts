/**
 * Aborts at SIGTERM or SIGINT. The handlers stay: Ctrl-C reaches each process of a terminal, and npm passes it on once more; the second one must
 * not cut the clean stop short.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
  return stop.signal;
}
