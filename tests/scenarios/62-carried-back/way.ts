import { afterAll, beforeAll, test } from 'vitest';
import { startMirrorScene, type MirrorScene, type MirrorSceneOptions } from '../../relay/index.ts';
import type { DoorName, Weather } from '../../lab/index.ts';
import { mergesWhatBothDid } from './conflicts.ts';
import { carriesOnAfterKills, type KilledAt } from './killed.ts';
import { findsWhatWasMovedOn } from './moved-on.ts';
import { carriesEverythingOnce, fill } from './once.ts';
import { keepsWhatIsRefused } from './refused.ts';

/** The relay is started anew after each. */
const KILLS_LIMIT_MS = 300_000;

/** One kind of path, and how it is disturbed. */
export interface Way {
  readonly kind: 'imap' | 'jmap' | 'roundcube';
  readonly scene: MirrorSceneOptions;
  /** That are all of it. */
  readonly doors: readonly DoorName[];
  /** False where its listing shows no keywords. */
  readonly tellsKeywords: boolean;
  readonly kills: readonly Kill[];
  /** What the provider does not take. Absent: a webmail says why only in words for people, so it is asked for a day. */
  readonly refusal?: { readonly bytes: Buffer; readonly weather?: Weather; readonly why: RegExp };
}

/** The relay is killed when it is just about to do what was done here, or has done it. */
export interface Kill {
  readonly at: KilledAt;
  readonly weather: Weather;
  /** False: nothing of it has been asked for upstream. */
  readonly isDelivered: boolean;
}

export function carriedBack(way: Way): void {
  let scene: MirrorScene;

  beforeAll(async () => {
    scene = await startMirrorScene(way.scene);
    await fill(scene);
    await scene.add('alice');
    await scene.untilEqual('alice', { withFlags: way.tellsKeywords });
  });
  afterAll(() => scene?.[Symbol.asyncDispose]());

  test('what was done while everything was down is done upstream, once', () => carriesEverythingOnce(scene, way));
  test('killed at any moment of it, it is done once all the same', { timeout: KILLS_LIMIT_MS }, () => carriesOnAfterKills(scene, way));
  test('killed when a message was just stored, which somebody then moves on: there is one of it', { timeout: KILLS_LIMIT_MS }, () =>
    findsWhatWasMovedOn(scene, way),
  );
  test('what both sides did is merged; a deletion here never wins over a change there; what is missing there is made', () =>
    mergesWhatBothDid(scene, way));
  const { refusal } = way;
  if (!refusal) return;
  test('what upstream does not take is in Recovered, with the reason in the report', () => keepsWhatIsRefused(scene, way, refusal));
}
