import { defineConfig } from 'vite';

export default defineConfig({
  // Beside the page, wherever it is served from.
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    /** Browsers of the last two and a half years; what is older has the doors for mail programs. */
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'setup.html', 'mail-frame.html'],
      checks: { pluginTimings: false, bundlerTimings: false },
      onLog(level, log, report) {
        // "use client" of libraries: this is nothing else.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
});
