/** Canned replies: when "/" asks for one, and which blanks a text still has. */

/** What may stand in braces; the desk fills it from the conversation. */
export const BLANKS = ['客户', '客服', '店铺', '订单号', '商品', '金额', '快递公司', '快递单号', '物流状态'] as const

export interface SlashQuery {
  /** What stands behind the slash. */
  readonly words: string
  /** Where the slash is: the reply takes its place. */
  readonly start: number
}

const LONGEST_QUERY = 20

/** The slash being written: first in the text or in a line, with nothing but its words up to the caret. */
export function slashQuery(text: string, caret: number): SlashQuery | null {
  const match = /(?:^|\n)([/／、](\S*))$/.exec(text.slice(0, caret))
  if (!match?.[1] || (match[2] ?? '').length > LONGEST_QUERY) return null
  // 「、」 is what a Chinese keyboard writes for the slash key; elsewhere than at the very start it is a comma.
  if (match[1].startsWith('、') && caret - match[1].length > 0) return null
  return { words: match[2] ?? '', start: caret - match[1].length }
}

/** The text with the reply in the slash's place. */
export function withReply(text: string, query: SlashQuery, caret: number, reply: string): { text: string; caret: number } {
  const before = text.slice(0, query.start)
  return { text: before + reply + text.slice(caret), caret: before.length + reply.length }
}

/** The blanks that nobody has filled: a customer must never read them. */
export function blanksLeft(text: string): string[] {
  return [...new Set(BLANKS.filter((blank) => text.includes(`{${blank}}`)))]
}

/** What is written in braces and no blank that the desk knows. */
export function unknownBlanks(text: string): string[] {
  const known: ReadonlySet<string> = new Set(BLANKS)
  return [...new Set([...text.matchAll(/\{([^{}\n]{1,20})\}/g)].map((match) => match[1] ?? '').filter((name) => !known.has(name)))]
}
