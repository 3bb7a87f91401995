// Builds the web client as another version of it would be, into the directory that is given: other words on the first screen, another dialog that is loaded
// late, another page around mail. By itself, in a process without what a test runner sets.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const web = resolve(import.meta.dirname, '../../apps/web');
const { build } = await import(pathToFileURL(createRequire(join(web, 'package.json')).resolve('vite')).href);

/** By the end of a file's name: what stands there, and what stands there in the other version. */
const CHANGES = [
  ['src/words/en.ts', "title: 'Settings'", "title: 'Settings of B'"],
  ['src/settings/settings-dialog.tsx', 'className="settings"', 'className="settings settings-of-b"'],
  ['mail-frame.html', '<html>', '<html data-of-b>'],
];

function changed(text, id) {
  const [, from, to] = CHANGES.find(([name]) => id.endsWith(name)) ?? [];
  if (from === undefined) return undefined;
  if (!text.includes(from)) throw new Error(`${id} does not say ${from}`);
  return text.replace(from, to);
}

await build({
  root: web,
  configFile: join(web, 'vite.config.ts'),
  define: { MAIL_FRAME: '"mail-frame.html?b"' },
  build: { outDir: resolve(process.argv[2]), emptyOutDir: true },
  plugins: [
    {
      name: 'other-version',
      enforce: 'pre',
      transform: (code, id) => (id.endsWith('.html') ? undefined : changed(code, id)),
      transformIndexHtml: { order: 'pre', handler: (html, { filename }) => changed(html, filename) },
    },
  ],
});
