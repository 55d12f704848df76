/** The console's languages: Chinese unless someone chose otherwise, remembered per browser. */
import { createI18n } from 'vue-i18n'
import { zhCN, type Words } from './zh-CN'

export type Language = 'zh-CN' | 'en'
const PLACE = 'jieli.language'

/** What was chosen in this browser before. */
export function remembered(): Language {
  try {
    return localStorage.getItem(PLACE) === 'en' ? 'en' : 'zh-CN'
  } catch {
    return 'zh-CN'
  }
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  // English is fetched by those who want it.
  messages: { 'zh-CN': zhCN } as Record<Language, Words>,
})

export async function speak(language: Language): Promise<void> {
  if (language === 'en' && !i18n.global.availableLocales.includes('en')) i18n.global.setLocaleMessage('en', (await import('./en')).en)
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
