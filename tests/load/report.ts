/** What a benchmark found. `line` is printed last and alone says whether the goals are met. */
export interface Report {
  readonly line: string;
  /** Name of the figure to value, for whoever compares runs. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface BenchOptions {
  readonly messages?: number;
  readonly connectionPerMessage?: boolean;
  /** Gets a CPU profile of the relay. */
  readonly profileDir?: string;
  /** Something to tell on the way. */
  readonly say: (text: string) => void;
}

export type Bench = (options: BenchOptions) => Promise<Report>;

export function rate(perSecond: number): string {
  return `${Math.round(perSecond)}/s`;
}

/** `name value (goal ...)`, with a mark when the goal is missed. */
export function against(text: string, goal: string, isMet: boolean): string {
  return `${text} (goal ${goal}${isMet ? '' : ': MISSED'})`;
}
