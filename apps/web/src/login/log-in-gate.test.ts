import { expect, test } from 'vitest';
import { createLogInGate, type WhyAgain } from './log-in-gate.ts';

test('who logs in again in one window has done so in all of them: none waits behind another one with letters in its hand', async () => {
  const channels = [new BroadcastChannel('log-in'), new BroadcastChannel('log-in')] as const;
  const [first, second] = [createLogInGate(channels[0]), createLogInGate(channels[1])];
  const told: (WhyAgain | undefined)[] = [];
  first.listen((why) => told.push(why));
  const passed = first.wait('ended');
  second.passed();
  await passed;
  expect(told).toEqual([undefined, 'ended', undefined]);
  for (const channel of channels) channel.close();
});
