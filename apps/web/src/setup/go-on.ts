import { createHttp, sendByBrowser } from '../api/http.ts';
import { logIn } from '../api/log-in.ts';
import type { Setup } from '../api/setup.ts';

const BETWEEN_MS = 300;
/** A relay opens its doors within a second or two; on a busy machine later. */
const MOST_LOOKS = 200;

/** Waits until the relay runs with its new configuration, and logs the person in: the mailbox is open then. */
export async function goOn(
  setup: Setup,
  { address, password, isPending }: { readonly address: string; readonly password: string; readonly isPending: boolean },
): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const found = await setup.look().catch(() => undefined);
    if (found?.kind === 'over') break;
    await new Promise((resolve) => {
      setTimeout(resolve, BETWEEN_MS);
    });
  }
  if (isPending) return;
  const http = createHttp({ send: sendByBrowser, logInAgain: () => Promise.reject(new Error('there is no session yet')) });
  // Without it the mailbox asks for the password once more: no reason to fail here.
  await logIn(http, address, password).catch(() => undefined);
}
