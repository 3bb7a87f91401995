/** The client itself is kept for when there is no connection, once it stands: on a bad line the first look comes first. */
export function registerWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  const register = (): void => {
    // A browser that refuses (a private window, a policy) is one that needs a connection.
    navigator.serviceWorker.register('./service-worker.js').catch(() => undefined);
  };
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
}
