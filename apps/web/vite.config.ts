import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const WORKER = 'service-worker.js';
const TEXTS = new Set(['.html', '.js', '.css', '.svg', '.webmanifest']);
const FRAME = 'mail-frame.html';

export default defineConfig({
  // Beside the page, wherever it is served from.
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic' } },
  plugins: [namesMailbox(), listShell(), compressed()],
  // With what tells it from that of another build, which its worker may have kept.
  define: { MAIL_FRAME: JSON.stringify(`${FRAME}?${hashOf([FRAME])}`) },
  build: {
    /** Browsers of the last two and a half years; what is older has the doors for mail programs. */
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'mail-frame.html', 'worker/service-worker.ts'],
      output: {
        // Two pieces: what the log-in needs, and what a mailbox needs beyond that. Forty small ones, cut where lazy parts share something, are 7 % more bytes.
        // Not the worker, which has nothing in common with them.
        codeSplitting: {
          groups: [
            { name: 'first', tags: ['$initial'], test: /[\\/](?:src|node_modules)[\\/]/ },
            { name: 'mailbox', test: /[\\/]src[\\/]shell[\\/]show-mailbox\.tsx$/ },
          ],
        },
        // The worker's name stays, and its place: it is responsible for what stands beside and below it.
        entryFileNames: ({ name }) => (name === 'service-worker' ? WORKER : 'assets/[name]-[hash].js'),
      },
      checks: { pluginTimings: false, bundlerTimings: false },
      onLog(level, log, report) {
        // "use client" of libraries: this is nothing else.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
});

/** The page names what a mailbox needs, too, so that it is asked for with the log-in and not after it; behind it, as nobody can type into a mailbox first. */
function namesMailbox(): Plugin {
  return {
    name: 'stopgap-mailbox',
    transformIndexHtml: {
      order: 'post',
      handler(_, { path, bundle = {} }) {
        const mailbox = Object.values(bundle).find((made) => made.type === 'chunk' && made.name === 'mailbox');
        if (path !== '/index.html' || mailbox?.type !== 'chunk') return [];
        const link = (file: string, attrs: Readonly<Record<string, string>>) => ({
          tag: 'link',
          injectTo: 'head' as const,
          attrs: { ...attrs, crossorigin: true, fetchpriority: 'low', href: `./${file}` },
        });
        return [
          link(mailbox.fileName, { rel: 'modulepreload' }),
          ...[...(mailbox.viteMetadata?.importedCss ?? [])].map((file) => link(file, { rel: 'preload', as: 'style' })),
        ];
      },
    },
  };
}

/** Tells the worker what the build has made, when it is all there. */
function listShell(): Plugin {
  let frame = '';
  return {
    name: 'stopgap-shell',
    configResolved({ define }) {
      frame = JSON.parse(String(define?.['MAIL_FRAME'])) as string;
    },
    writeBundle({ dir = '' }) {
      const made = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== WORKER);
      const paths = made.map((entry) => relative(dir, join(entry.parentPath, entry.name)).replaceAll('\\', '/')).toSorted();
      const version = hashOf(paths, dir);
      // The page is had by its folder; pictures are for the device's own screens, which fetch them once.
      const asked: Readonly<Record<string, string>> = { 'index.html': '', [FRAME]: frame };
      const files = paths.filter((path) => !path.endsWith('.png')).map((path) => `./${asked[path] ?? path}`);
      const worker = join(dir, WORKER);
      const text = readFileSync(worker, 'utf8');
      const filled = text.replaceAll('SHELL_FILES', () => JSON.stringify(files)).replaceAll('SHELL_VERSION', () => JSON.stringify(version));
      if (filled === text) throw new Error('the service worker does not ask what the build has made');
      writeFileSync(worker, filled);
    },
  };
}

/** Beside each text what the relay sends of it: at the best level of brotli, which is 7 % less than any that could be made while somebody waits. */
function compressed(): Plugin {
  return {
    name: 'stopgap-brotli',
    writeBundle: {
      order: 'post',
      // The worker is whole only after the plugin above.
      sequential: true,
      async handler({ dir = '' }) {
        const texts = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(
          (entry) => entry.isFile() && TEXTS.has(extname(entry.name)),
        );
        await Promise.all(
          texts.map(async ({ parentPath, name }) => {
            const path = join(parentPath, name);
            writeFileSync(`${path}.br`, await promisify(brotliCompress)(readFileSync(path)));
          }),
        );
      },
    },
  };
}

function hashOf(paths: readonly string[], dir = import.meta.dirname): string {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\0`).update(readFileSync(join(dir, path)));
  return hash.digest('base64url').slice(0, 16);
}
