/** Looks at a reply while it is written, and once more, briefly, before it goes out. */
import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import type { Checked } from '@/state/send_check'
import { useMoves } from '@/stores/moves'

const PAUSE_MS = 400
/** Less than this is no sentence yet. */
const SHORTEST = 2
/** A desk that does not answer in this time must not keep the agent from answering; it marks the message by itself. */
const PATIENCE_MS = 800

export function useSendCheck(id: Ref<string>, text: Ref<string>, isWanted: Ref<boolean>) {
  const moves = useMoves()
  const checked = ref<Checked | null>(null)
  let timer: ReturnType<typeof setTimeout>
  let asking: AbortController | null = null

  async function look(words: string): Promise<void> {
    asking?.abort()
    const mine = (asking = new AbortController())
    try {
      const found = await moves.check(id.value, words, mine.signal)
      if (!mine.signal.aborted) checked.value = { ...found, text: words }
    } catch {
      // Advice that cannot be had is no trouble worth telling.
    }
  }

  /** The finding about exactly these words, or null when it does not come in time. */
  async function sure(words: string): Promise<Checked | null> {
    clearTimeout(timer)
    if (checked.value?.text === words) return checked.value
    await Promise.race([look(words), new Promise((over) => setTimeout(over, PATIENCE_MS))])
    return checked.value?.text === words ? checked.value : null
  }

  watch([id, () => text.value.trim(), isWanted] as const, ([, words, wanted]) => {
    clearTimeout(timer)
    if (!wanted || words.length < SHORTEST) {
      asking?.abort()
      checked.value = null
    } else timer = setTimeout(() => void look(words), PAUSE_MS)
  }, { immediate: true })
  onBeforeUnmount(() => {
    clearTimeout(timer)
    asking?.abort()
  })
  return { checked, sure }
}
