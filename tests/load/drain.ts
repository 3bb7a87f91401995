import { createServer, type AddressInfo } from 'node:net';
import { until } from '../lab/index.ts';
import { startCountingSink, type CountingSink } from './counting-sink.ts';
import { send, type Target } from './driver.ts';
import { startEmptyDns } from './empty-dns.ts';
import { memoryOf, startLoadedRelay } from './loaded-relay.ts';
import { letPostfixDeliver, startQueueingPostfix } from './queueing-postfix.ts';
import { against, rate, type Bench, type BenchOptions } from './report.ts';

const MESSAGES = 10_000;
const SIZE_BYTES = 10_000;
const CONNECTIONS = 50;
const FILLING_CONNECTIONS = 32;
const DRAIN_LIMIT_MS = 300_000;
const GOAL = 1;

interface Drained {
  readonly perSecond: number;
  readonly seconds: number;
}

/** Mail that waited while its way out was dead, leaving by 50 connections once it is back; beside Postfix with its deferred queue. */
export const drain: Bench = async (options) => {
  const peer = await drainPostfix(options);
  options.say(`Postfix  ${rate(peer.perSecond)}  ${peer.seconds.toFixed(2)} s`);
  const ours = await drainRelay(options);
  options.say(`stopgap  ${rate(ours.perSecond)}  ${ours.seconds.toFixed(2)} s  peak ${ours.peakMb.toFixed(0)} MB`);
  const ratio = ours.perSecond / peer.perSecond;
  return {
    line: `drain: ours ${rate(ours.perSecond)}, Postfix ${rate(peer.perSecond)}, ${against(`ratio ${ratio.toFixed(2)}`, `>= ${GOAL}`, ratio >= GOAL)}`,
    figures: { ours: ours.perSecond, peer: peer.perSecond, ratio, peakMb: ours.peakMb },
  };
};

async function drainPostfix(options: BenchOptions): Promise<Drained> {
  await using postfix = await startQueueingPostfix();
  const { lab } = postfix;
  await fill(postfix.target, options);
  await postfix.settled();
  await lab.stop('sink');
  await using sink = await startCountingSink(lab.ports.sink);
  await letPostfixDeliver(lab, CONNECTIONS);
  return await whenAllArrived(sink, options);
}

async function drainRelay(options: BenchOptions): Promise<Drained & { readonly peakMb: number }> {
  using dns = await startEmptyDns();
  const port = await freePort();
  await using loaded = await startLoadedRelay({
    profileDir: options.profileDir,
    dnsPort: dns.port,
    outgoing: { kind: 'smarthost', host: '127.0.0.1', port, security: 'none', connections: CONNECTIONS },
  });
  const { relay, target } = loaded;
  await fill(target, options);
  await using sink = await startCountingSink(port);
  return { ...(await whenAllArrived(sink, options)), peakMb: memoryOf(relay).peakMb };
}

async function fill(target: Target, options: BenchOptions): Promise<void> {
  const messages = options.messages ?? MESSAGES;
  await send({ target, messages, sizeBytes: SIZE_BYTES, connections: FILLING_CONNECTIONS, name: 'queued' });
}

async function whenAllArrived(sink: CountingSink, options: BenchOptions): Promise<Drained> {
  const messages = options.messages ?? MESSAGES;
  await until(`${messages} messages have arrived`, () => sink.count() >= messages, DRAIN_LIMIT_MS);
  if (sink.count() > messages) throw new Error(`${sink.count()} messages arrived, ${messages} were sent`);
  return { perSecond: messages / sink.seconds(), seconds: sink.seconds() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
