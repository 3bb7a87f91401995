/** A body for a Response; it is read as fast as the client takes it, and left when the client goes: `onGone` ends what it waits for. */
export function streamBody(bytes: AsyncIterable<Uint8Array>, onGone: () => void = () => undefined): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      onGone();
      await iterator.return?.();
    },
  });
}
