import type { Provider } from '@stopgap/core';

/** Hosts to ask come from here only, which is the configuration: no address that a client sends names a host of its own. */
export interface ProviderDirectory {
  byName(name: string): Provider | undefined;
  ofDomain(domain: string): Provider | undefined;
}

export function directoryOf(providers: readonly Provider[]): ProviderDirectory {
  const byName = new Map(providers.map((provider) => [provider.name as string, provider]));
  const byDomain = new Map(providers.flatMap((provider) => provider.domains.map((domain) => [domain.toLowerCase(), provider])));
  return { byName: (name) => byName.get(name), ofDomain: (domain) => byDomain.get(domain.toLowerCase()) };
}
