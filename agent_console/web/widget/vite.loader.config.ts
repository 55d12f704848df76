import { defineConfig } from "vite";

/** The loader is one plain script under a fixed name: it stands in other people's pages. */
export default defineConfig({
  build: {
    target: "es2018",
    emptyOutDir: false,
    copyPublicDir: false,
    lib: { entry: "src/loader/loader.ts", formats: ["iife"], name: "JieliLoader", fileName: () => "loader.js" },
  },
});
