/** The console's languages: Chinese unless someone chose otherwise, remembered per browser. */
import { createI18n } from 'vue-i18n'
import { en } from './en'
import { zhCN } from './zh-CN'

export type Language = 'zh-CN' | 'en'
const PLACE = 'jieli.language'

function remembered(): Language {
  try {
    return localStorage.getItem(PLACE) === 'en' ? 'en' : 'zh-CN'
  } catch {
    return 'zh-CN'
  }
}

export const i18n = createI18n({
  legacy: false,
  locale: remembered(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN, en },
})

export function speak(language: Language): void {
  i18n.global.locale.value = language
  document.documentElement.lang = language
  document.title = language === 'en' ? 'Jieli agent console' : '接力客服工作台'
  try {
    localStorage.setItem(PLACE, language)
  } catch {
    // Not remembered, then; the page works all the same.
  }
}

export function spoken(): Language {
  return i18n.global.locale.value as Language
}
