export function ensurePeers(options?: { readonly ci?: boolean }): {
  readonly missing: readonly string[];
  readonly leftOut: readonly string[];
};
/** Installs one package for a benchmark. @throws when it is not there afterwards */
export function ensureBenchPeer(name: 'isync'): void;
