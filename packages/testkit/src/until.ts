const LIMIT_MS = 10_000;
const ASK_AGAIN_MS = 10;

/** Resolves as soon as it is so; rejects when it is not so for too long. For what happens outside of the test's own hands. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  const giveUpAtMs = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAtMs) throw new Error(`it did not become so within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}
