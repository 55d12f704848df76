/** What someone here should look at: broken standards, and colleagues who ask for help. */
import { computed, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { alertsOf } from '@/state/alerts'
import { useLists } from './lists'
import { useSession } from './session'

export interface Invitation {
  readonly conversationId: string
  readonly by: string
  readonly customer: string
  readonly note: string
  readonly at: string
}
const MOST_INVITATIONS = 30

export const useAlerts = defineStore('alerts', () => {
  const lists = useLists()
  const session = useSession()
  const invitations = shallowRef<readonly Invitation[]>([])
  const standards = computed(() => alertsOf(lists.book.values(), { id: session.id, groups: session.me?.groups ?? [] }, session.isSupervisor))
  const count = computed(() => standards.value.length + invitations.value.length)
  const isUrgent = computed(() => invitations.value.length > 0 || standards.value.some((one) => one.state === 'breach'))

  function invited(invitation: Invitation): void {
    invitations.value = [invitation, ...invitations.value.filter((one) => one.conversationId !== invitation.conversationId)].slice(0, MOST_INVITATIONS)
  }

  function seen(conversationId: string): void {
    if (invitations.value.some((one) => one.conversationId === conversationId)) {
      invitations.value = invitations.value.filter((one) => one.conversationId !== conversationId)
    }
  }

  function clear(): void {
    invitations.value = []
  }

  return { standards, invitations, count, isUrgent, invited, seen, clear }
})
