/** A lock with this and the script's address is held by every window; `worker/service-worker.ts` knows by it of which build the windows are. */
const WINDOW = 'stopgap.window ';
/** A window that is being closed counts as one for a moment: a worker that waits is told again after so long. */
const AGAIN_MS = 15_000;

/** The client itself is kept for when there is no connection, once it stands: on a bad line the first look comes first. */
export function registerWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  const register = (): void => {
    // A browser that refuses (a private window, a policy) is one that needs a connection.
    navigator.serviceWorker.register('./service-worker.js').then(followUpdates, () => undefined);
  };
  const hold = (): Promise<void> => {
    if (document.readyState === 'complete') register();
    else addEventListener('load', register, { once: true });
    return new Promise(() => undefined);
  };
  // Before a worker is told that it may take over: without the lock this window would stand in its way.
  navigator.locks.request(`${WINDOW}${import.meta.url}`, { mode: 'shared' }, hold).catch(register);
}

/** The worker of a newer build waits until the windows of older ones are gone. This one may be of the newer build, and be kept by the older worker for days. */
function followUpdates(registration: ServiceWorkerRegistration): void {
  const nudge = (): void => registration.waiting?.postMessage('');
  nudge();
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', nudge));
  document.addEventListener('visibilitychange', nudge);
  setInterval(nudge, AGAIN_MS);
}
