/** The keys that work anywhere in the console, and how a page asks for their list. */
import { inject, onBeforeUnmount, onMounted, type InjectionKey } from 'vue'

export const showShortcutsKey: InjectionKey<() => void> = Symbol('show shortcuts')
export const useShowShortcuts = () => inject(showShortcutsKey, () => undefined)

export interface Shortcuts {
  [combination: string]: (event: KeyboardEvent) => void
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))

/** Names a key press like 'alt+j'; by the key's place, because Alt changes the letter on some machines. */
function combinationOf(event: KeyboardEvent): string {
  const key = /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : /^Digit\d$/.test(event.code) ? event.code.slice(5) : event.key.toLowerCase()
  if (event.key === '?') return '?'
  return [event.ctrlKey || event.metaKey ? 'ctrl' : '', event.altKey ? 'alt' : '', key].filter(Boolean).join('+')
}

/** Listens while the component is there. A plain key is left alone while someone types. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented) return
    const combination = combinationOf(event)
    const run = shortcuts[combination]
    if (!run || (!combination.includes('+') && isTyping(event.target))) return
    event.preventDefault()
    run(event)
  }
  onMounted(() => window.addEventListener('keydown', onKey))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey))
}
