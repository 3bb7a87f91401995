import { createServer, type AddressInfo } from 'node:net';

/** A policy service for Postfix (its SMTPD_POLICY_README), asked when a dot has come. */
export interface Policy extends Disposable {
  /** Of main.cf. */
  readonly setting: string;
  /** Resolves at the first question. */
  readonly asked: Promise<void>;
  /** Lets all pass from now on, what waits for an answer first. */
  letPass(): void;
}

export async function startPolicy(): Promise<Policy> {
  const asked = Promise.withResolvers<void>();
  const passes = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    let question = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      question += chunk.toString();
      if (!question.endsWith('\n\n')) return;
      question = '';
      asked.resolve();
      void passes.promise.then(() => socket.write('action=DUNNO\n\n'));
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    setting: `check_policy_service inet:127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: asked.promise,
    letPass: () => passes.resolve(),
    // Postfix keeps its connection until it is restarted.
    [Symbol.dispose]: () => void server.close(),
  };
}
