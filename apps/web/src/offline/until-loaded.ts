const AGAIN_MS = 3000;

/**
 * A part of the client that is loaded when it is needed. On a bad line that takes more than one try; a part that failed for good would take everything else
 * on the screen with it, and what is being written there.
 */
export async function untilLoaded<Part>(load: () => Promise<Part>): Promise<Part> {
  for (;;) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, AGAIN_MS);
        addEventListener('online', resolve, { once: true });
      });
    }
  }
}
