import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Names the scripts of the first screen and the two parts behind it in the page, so that all of them load at once. */
const headStart: Plugin = {
  name: "head-start",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle }) => {
      const chunks = Object.values(bundle ?? {}).filter((file) => file.type === "chunk");
      const entry = chunks.find((chunk) => chunk.isEntry);
      const wanted = new Set(entry?.imports);
      for (const chunk of chunks) if (["desk", "later", "zh_rest"].includes(chunk.name)) wanted.add(chunk.fileName);
      return [...wanted].map((file) => ({
        tag: "link",
        attrs: { rel: "modulepreload", crossorigin: true, href: `/widget/${file}` },
        injectTo: "head" as const,
      }));
    },
  },
};

export default defineConfig({
  base: "/widget/",
  plugins: [headStart],
  oxc: { jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment", development: false } },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8000", ws: true } } },
  build: {
    target: "es2022",
    // The helper that preloads parts of parts would be 0.4 kB of the first screen; `headStart` does it in the page.
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { input: "chat.html" },
  },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    unstubGlobals: true,
    environmentOptions: { happyDOM: { settings: { disableIframePageLoading: true, handleDisabledFileLoadingAsSuccess: true } } },
  },
});
