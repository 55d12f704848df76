import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/widget/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8000", ws: true } } },
  build: {
    target: "es2022",
    // One small script needs no preload helper, and the helper would be 0.4 kB of it.
    modulePreload: false,
    rolldownOptions: { input: "chat.html" },
  },
  test: { include: ["tests/**/*.test.{ts,tsx}"], unstubGlobals: true },
});
