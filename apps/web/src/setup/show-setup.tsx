import type { ReactNode } from 'react';
import { Wizard } from './wizard.tsx';
import '../style/setup.css';

/** A code in the address stands behind the #, so that it is in no log of a server or proxy: `http://relay.example.org/#code=abcde-...` */
export function SetupPage(): ReactNode {
  return <Wizard code={new URLSearchParams(location.hash.slice(1)).get('code') ?? ''} />;
}
