import { defineConfig } from "vitest/config";
import { mockBackend } from "./dev/vite-mock.ts";
import { renderWhenReady } from "./render-when-ready.ts";

export default defineConfig({
  plugins: [renderWhenReady(), mockBackend()],
  build: {
    target: "baseline-widely-available",
    // The page's policy allows no data: URLs; and small files are cheap over one connection.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    projects: [
      { test: { name: "unit", include: ["tests/unit/**/*.test.ts"], environment: "node" } },
      {
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          environment: "node",
          // One browser and one mock for all journeys: they share two cores.
          fileParallelism: false,
          // For machines that are busy: what is waited for is there in a tenth of this.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
  },
});
