/** Taking a promise back: asks for the reason first, which stays with the colleagues. */
import { usePromises } from '@/stores/promises'
import { useAskWords } from '../ask_words'
import { tellDone, tellTrouble } from '../toast'
import { useWords } from '../words'

export function useWithdrawal(): (conversationId: string, promiseId: string) => Promise<void> {
  const { t, explain } = useWords()
  const ask = useAskWords()
  const promises = usePromises()
  return async (conversationId, promiseId) => {
    const hint = t('promises.withdrawHint')
    const reason = await ask({ title: t('promises.withdraw'), lead: t('promises.withdrawLead'), hint, fault: (words) => (words ? '' : hint) })
    if (reason === null) return
    try {
      await promises.withdraw(conversationId, promiseId, reason)
      tellDone(t('promises.withdrawn'))
    } catch (error) {
      tellTrouble(explain(error))
    }
  }
}
