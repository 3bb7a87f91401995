/** The ways out, loaded when they are asked for: whoever only looks at the queue needs neither parsers nor network code. */
export function loadRoutes(): Promise<typeof import('./routes/index.ts')> {
  return import('./routes/index.ts');
}
