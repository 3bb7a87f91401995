import type { Daemon } from './daemon.ts';
import type { Part } from './part.ts';

/** A part that is one daemon; `launch` also clears away what a killed predecessor has left. */
export function daemonPart(launch: () => Promise<Daemon>): Part {
  let daemon: Daemon | undefined;
  return {
    async start() {
      daemon ??= await launch();
    },
    async stop() {
      const running = daemon;
      daemon = undefined;
      await running?.stop();
    },
    freeze: () => daemon?.freeze(),
    thaw: () => daemon?.thaw(),
  };
}
