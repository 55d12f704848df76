/** The rules an entry must meet before it can be saved, and how typed lists become clean ones. */
import type { Entry, EntryDraft } from '@/protocol'

export const MOST_SIMILAR = 200
export const LONGEST_QUESTION = 200

export type FormFault = 'question_missing' | 'question_long' | 'answer_missing' | 'category_missing' | 'similar_many' | 'validity_backwards'

export function emptyDraft(): EntryDraft {
  return {
    question: '', similar: [], answer: '', html: '', category: '', keywords: [], variants: {}, related: [],
    valid_from: null, valid_to: null,
  }
}

/** The part of an entry that an editor changes. */
export function draftOf(entry: Entry): EntryDraft {
  return {
    question: entry.question,
    similar: [...entry.similar],
    answer: entry.answer,
    html: entry.html ?? '',
    category: entry.category,
    keywords: [...(entry.keywords ?? [])],
    variants: { ...(entry.variants ?? {}) },
    related: [...(entry.related ?? [])],
    valid_from: entry.valid_from ?? null,
    valid_to: entry.valid_to ?? null,
  }
}

export function faultsOf(draft: EntryDraft): FormFault[] {
  const faults: FormFault[] = []
  if (!draft.question.trim()) faults.push('question_missing')
  if (draft.question.trim().length > LONGEST_QUESTION) faults.push('question_long')
  if (!draft.answer.trim()) faults.push('answer_missing')
  if (!draft.category.trim()) faults.push('category_missing')
  if (draft.similar.length > MOST_SIMILAR) faults.push('similar_many')
  if (draft.valid_from && draft.valid_to && Date.parse(draft.valid_from) >= Date.parse(draft.valid_to)) {
    faults.push('validity_backwards')
  }
  return faults
}

/** The list with what was typed or pasted, one phrasing a line, without doubles and without the standard question itself. */
export function withPhrasings(similar: readonly string[], typed: string, question: string): string[] {
  const seen = new Set([question.trim(), ...similar])
  const added: string[] = []
  for (const line of typed.split(/\r?\n/)) {
    const phrasing = line.trim()
    if (!phrasing || seen.has(phrasing)) continue
    seen.add(phrasing)
    added.push(phrasing)
  }
  return [...similar, ...added].slice(0, MOST_SIMILAR)
}
