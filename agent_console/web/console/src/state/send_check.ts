/** What the desk found in an unsent text, and what taking its advice does to the text. */
import type { SendCheck, SendWarning } from '@/protocol'

export interface Checked extends SendCheck {
  /** The very text that was looked at; for any other the finding says nothing. */
  readonly text: string
}

/** Warnings that hold for the text as it is now. */
export function warningsFor(checked: Checked | null, text: string): readonly SendWarning[] {
  return checked?.text === text ? checked.warnings : []
}

/** Wording has a better wording; a number can only be looked at again. */
export function isReplaceable(warning: SendWarning): boolean {
  return ['forbidden', 'over_promise', 'off_platform'].includes(warning.code) && warning.suggestion !== ''
}

/** The text with the better wording in place, and where that now stands (in UTF-16 units, as a text field counts). */
export function withSuggestion(text: string, warning: SendWarning): { text: string; from: number; to: number } {
  const letters = [...text]
  const before = letters.slice(0, warning.start).join('')
  return {
    text: before + warning.suggestion + letters.slice(warning.end).join(''),
    from: before.length,
    to: before.length + warning.suggestion.length,
  }
}
