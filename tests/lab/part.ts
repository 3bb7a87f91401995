/** One server of the lab. `start` after `stop` continues with the same state; both may be called again without harm. */
export interface Part {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Hangs: connections open, nothing answers. */
  freeze(): void;
  thaw(): void;
}
