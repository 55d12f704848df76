/** Sound and desktop notices for someone who looks at another window; silence for someone who is here. */
import { onBeforeUnmount, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { useAlerts } from '@/stores/alerts'
import { useLists } from '@/stores/lists'
import { useSession } from '@/stores/session'
import { tellDone } from './toast'

/** At most one sound in this time, however much arrives. */
const QUIET_MS = 2_500

export function mayAskForNotices(): boolean {
  return 'Notification' in window && Notification.permission === 'default'
}

export function useNotices(): void {
  const { t } = useI18n()
  const lists = useLists()
  const alerts = useAlerts()
  const session = useSession()
  const router = useRouter()
  let audio: AudioContext | null = null
  let lastSound = 0
  const title = document.title

  function sound() {
    if (Date.now() - lastSound < QUIET_MS) return
    lastSound = Date.now()
    try {
      audio ??= new AudioContext()
      const start = audio.currentTime
      for (const [at, pitch] of [[0, 660], [0.14, 880]] as const) {
        const tone = audio.createOscillator()
        const volume = audio.createGain()
        tone.frequency.value = pitch
        volume.gain.setValueAtTime(0.0001, start + at)
        volume.gain.exponentialRampToValueAtTime(0.12, start + at + 0.02)
        volume.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.22)
        tone.connect(volume).connect(audio.destination)
        tone.start(start + at)
        tone.stop(start + at + 0.25)
      }
    } catch {
      // No sound on this machine, or none before the first click.
    }
  }

  watch(() => lists.notices, (notices) => {
    // Whoever is not on duty is not to be called for the queue.
    const wanted = notices.filter((notice) => notice.kind !== 'new_waiting' || session.me?.presence === 'online')
    const first = wanted[0]
    for (const given of wanted) if (given.kind === 'given_to_you') tellDone(t('notify.given_to_you', { name: given.customer || t('common.unnamed') }))
    if (!first || !document.hidden) return
    sound()
    if (!('Notification' in window) || Notification.permission !== 'granted') return
    const shown = new Notification(t(`notify.${first.kind}`, { name: first.customer || t('common.unnamed') }), {
      body: t('notify.body'), tag: first.conversationId,
    })
    shown.onclick = () => {
      window.focus()
      void router.push({ name: 'conversations', params: { id: first.conversationId } })
      shown.close()
    }
  })

  watch(() => alerts.invitations[0], (latest, before) => {
    if (!latest || latest === before || (before && latest.at <= before.at)) return
    tellDone(t('notify.invited', { name: latest.by, customer: latest.customer || t('common.unnamed') }))
    if (document.hidden) sound()
  })

  const stop = watch(() => lists.unreadMine, (unread) => {
    document.title = unread ? `(${unread}) ${title}` : title
  })
  onBeforeUnmount(() => {
    stop()
    document.title = title
    void audio?.close().catch(() => undefined)
  })
}
