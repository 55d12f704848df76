/** How the console is built: under /console/, into dist, with the desk as the server behind it in development. */
import { defineConfig } from 'vitest/config'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'

const desk = process.env['JIELI_DESK_URL'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/console/',
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: 'true', // Element Plus still uses it in a few components
    __VUE_PROD_DEVTOOLS__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
  },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Never inline files as data: addresses, so that the page runs under a strict content policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': { target: desk, ws: true }, '/uploads': desk } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
})
