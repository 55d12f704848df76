/** What differs between two versions of a knowledge-base entry, field by field, down to the characters. */
import { diffChars } from 'diff'
import type { EntryDraft } from '@/protocol'

export const ENTRY_FIELDS = [
  'question', 'similar', 'answer', 'html', 'category', 'keywords', 'variants', 'related', 'valid_from', 'valid_to',
] as const
export type EntryField = (typeof ENTRY_FIELDS)[number]

export interface Piece {
  readonly text: string
  readonly change: 'same' | 'added' | 'removed'
}

/** Above this a character diff takes longer than a person's patience; the two texts are shown whole. */
const LONGEST_DIFF = 6_000

/** A field as one text: lists one item a line, nothing for what is not there. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(String).join('\n')
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, held]) => `${name}: ${typeof held === 'object' && held ? asText((held as { answer?: string }).answer) : String(held)}`)
      .join('\n')
  }
  return String(value)
}

export function changedFields(before: Partial<EntryDraft>, after: Partial<EntryDraft>): EntryField[] {
  return ENTRY_FIELDS.filter((field) => asText(before[field]) !== asText(after[field]))
}

export function pieces(before: string, after: string): Piece[] {
  if (before.length + after.length > LONGEST_DIFF) {
    return [
      { text: before, change: 'removed' as const },
      { text: after, change: 'added' as const },
    ].filter((piece) => piece.text)
  }
  return diffChars(before, after).map((part) => ({
    text: part.value,
    change: part.added ? 'added' : part.removed ? 'removed' : 'same',
  }))
}

/** `theirs` with the fields that were decided in favour of `mine`. */
export function merged(mine: EntryDraft, theirs: EntryDraft, keepMine: ReadonlySet<EntryField>): EntryDraft {
  const result: EntryDraft = { ...theirs }
  for (const field of keepMine) Object.assign(result, { [field]: mine[field] })
  return result
}
