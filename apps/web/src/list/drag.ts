import type { DragEvent } from 'react';
import type { Target } from '../offline/filing.ts';

/** Messages on their way from a list to a folder. */
const TYPE = 'application/x-stopgap-messages';

export function dragMessages(event: DragEvent, targets: readonly Target[]): void {
  event.dataTransfer.setData(TYPE, JSON.stringify(targets));
  event.dataTransfer.effectAllowed = 'move';
}

export function isMessageDrag(event: DragEvent): boolean {
  return event.dataTransfer.types.includes(TYPE);
}

/** Empty: it is something else that was dropped. */
export function droppedMessages(event: DragEvent): readonly Target[] {
  try {
    const value: unknown = JSON.parse(event.dataTransfer.getData(TYPE));
    return Array.isArray(value) ? (value as readonly Target[]) : [];
  } catch {
    return [];
  }
}
