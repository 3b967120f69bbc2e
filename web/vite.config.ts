import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The address of a running Tagtrail, for work on the page alone: `npm run dev` forwards GraphQL to it.
const server = process.env.TAGTRAIL_URL ?? 'http://localhost:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Style sheets keep light-dark(), which every browser knows since May 2024: written for older ones it would no
    // longer see the colour scheme that Polaris sets.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // dist/.gitkeep stays, so that the Go program builds before the page has been; `npm run build` empties the assets.
    emptyOutDir: false,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/graphql': server } },
  test: { include: ['src/**/*.test.ts'] },
});
