/** Asks for a few words before something is done that leaves a trace. */
import { useWords } from './words'

export interface Question {
  title: string
  lead: string
  hint: string
  /** What is wrong with the words, or nothing. */
  fault?: (words: string) => string
}

/** Resolves to the words, or to null when nothing is to be done after all. */
export function useAskWords(): (question: Question) => Promise<string | null> {
  const { t } = useWords()
  return async ({ title, lead, hint, fault }) => {
    const { ElMessageBox } = await import('./message_box')
    const answer = await ElMessageBox.prompt(lead, title, {
      confirmButtonText: title, cancelButtonText: t('common.cancel'), inputPlaceholder: hint, customClass: 'ask-words',
      inputValidator: (words) => fault?.((words ?? '').trim()) || true,
    }).catch(() => null)
    return answer ? (answer.value ?? '').trim() : null
  }
}
