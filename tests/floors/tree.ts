import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** One package of the workspace, as its package.json and its sources say. */
export interface Package {
  /** `@stopgap/core` */
  readonly name: string;
  /** `packages/core` */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly files: readonly SourceFile[];
}

export interface Manifest {
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface SourceFile {
  /** Below the package's folder: `src/index.ts`. */
  readonly path: string;
  readonly text: string;
}

const SOURCE = /\.(?:tsx?|mjs|css)$/;

/** Everything under packages and apps. */
export function readTree(root: string): Package[] {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => `${group}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map((folder) => readPackage(root, folder)),
  );
}

function readPackage(root: string, folder: string): Package {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest & { readonly name: string };
  const sources = existsSync(join(root, folder, 'src'))
    ? readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
    : [];
  const files = sources
    .filter((path) => SOURCE.test(basename(path)))
    .map((path) => ({ path: `src/${path.replaceAll('\\', '/')}`, text: readFileSync(join(root, folder, 'src', path), 'utf8') }));
  return { name: manifest.name, folder, manifest, files };
}
