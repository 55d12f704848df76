/** How the knowledge base read what was typed, where that is more than punctuation and capitals. */
const NO_WORDS = /[^\p{L}\p{N}]+/gu

export function readingOf(typed: string, question = ''): string | null {
  if (!question) return null
  const own = (text: string) => text.normalize('NFKC').toLowerCase().replace(NO_WORDS, '')
  return own(typed) === own(question) ? null : question
}
