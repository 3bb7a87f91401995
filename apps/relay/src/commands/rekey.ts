import { addVaultKey, reseal } from '@stopgap/store';
import type { Command } from 'commander';
import { vaultOf, withOldStore } from '../session.ts';
import { print } from '../table.ts';

/** A new key, and every stored credential sealed with it. Beside a running `serve`, and again after it was interrupted. */
export function rekey(command: Command): Promise<void> {
  return withOldStore(command, async ({ config, store }) => {
    // With STOPGAP_KEY the operator makes the keys; the rows go over to the one that is set.
    if (!config.vaultKey) await addVaultKey(config.dataDir);
    const vault = await vaultOf(config, store);
    const { resealed, damaged } = await reseal(vault, store);
    print(
      `${resealed} credential(s) sealed with key ${vault.currentKeyId}.${damaged > 0 ? ` ${damaged} can not be opened: their users have to log in once more.` : ''}`,
    );
  });
}
