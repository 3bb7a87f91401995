/** A lock with this and the script's address is held by every window; `worker/service-worker.ts` knows by it of which build the windows are. */
const WINDOW = 'stopgap.window ';

/** The client itself is kept for when there is no connection, once it stands: on a bad line the first look comes first. */
export function registerWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.locks.request(`${WINDOW}${import.meta.url}`, { mode: 'shared' }, () => new Promise(() => undefined)).catch(() => undefined);
  const register = (): void => {
    // A browser that refuses (a private window, a policy) is one that needs a connection.
    navigator.serviceWorker.register('./service-worker.js').then(followUpdates, () => undefined);
  };
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
}

/** The worker of a newer build waits until the windows of older ones are gone. This one may be of the newer build, and be kept by the older worker for days. */
function followUpdates(registration: ServiceWorkerRegistration): void {
  const nudge = (): void => registration.waiting?.postMessage('');
  nudge();
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', nudge));
  document.addEventListener('visibilitychange', nudge);
}
