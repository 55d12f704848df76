/** Starts the console: language, stores, addresses, page. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, remembered, speak } from './locales'
import { makeRouter } from './router'
import './theme/element'
import './theme/tokens.css'
import './theme/page.css'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(makeRouter())
// Words that cannot be fetched must not keep anybody from working; Chinese is always here.
await speak(remembered()).catch(() => undefined)
app.mount('#app')
