/** Taking a promise back: asks for the reason first, which stays with the colleagues. */
import { ElMessageBox } from 'element-plus'
import { usePromises } from '@/stores/promises'
import { tellDone, tellTrouble } from '../toast'
import { useWords } from '../words'

export function useWithdrawal(): (conversationId: string, promiseId: string) => Promise<void> {
  const { t, explain } = useWords()
  const promises = usePromises()
  return async (conversationId, promiseId) => {
    const answer = await ElMessageBox.prompt(t('promises.withdrawLead'), t('promises.withdraw'), {
      confirmButtonText: t('promises.withdraw'), cancelButtonText: t('common.cancel'), inputPlaceholder: t('promises.withdrawHint'),
      inputValidator: (words) => (words?.trim() ? true : t('promises.withdrawHint')),
    }).catch(() => null)
    if (!answer) return
    try {
      await promises.withdraw(conversationId, promiseId, (answer.value ?? '').trim())
      tellDone(t('promises.withdrawn'))
    } catch (error) {
      tellTrouble(explain(error))
    }
  }
}
