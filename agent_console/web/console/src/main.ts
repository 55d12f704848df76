/** Starts the console: language, stores, addresses, page. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, speak, spoken } from './locales'
import { makeRouter } from './router'
import './theme/element'
import './theme/tokens.css'
import './theme/page.css'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(makeRouter())
speak(spoken())
app.mount('#app')
