/** The conversation lists: filled page by page, kept true by the rows the desk pushes. */
import { computed, ref, shallowReactive, shallowRef, triggerRef } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/desk_api'
import type { Counts, ListName, Row } from '@/protocol'
import { noticeOf, type Notice } from '@/state/notice'
import { arranged, found, isHeldBy, withRows, type RowBook } from '@/state/rows'
import { useSession } from './session'

interface Page {
  cursor: string | null
  isLoaded: boolean
  isLoading: boolean
  error: unknown
}
const firstPage = (): Page => ({ cursor: null, isLoaded: false, isLoading: false, error: null })

export const useLists = defineStore('lists', () => {
  const session = useSession()
  const book = shallowRef<RowBook>(new Map())
  const counts = shallowRef<Counts>({ mine: 0, waiting: 0, bot: 0, watch: 0 })
  const pages = shallowReactive<Record<ListName, Page>>({ mine: firstPage(), waiting: firstPage(), bot: firstPage(), watch: firstPage(), team: firstPage(), closed: firstPage() })
  const openList = ref<ListName>('mine')
  const notices = shallowRef<readonly Notice[]>([])
  // Read here and now is read, even while the desk's own row is still on its way.
  const readHere = new Map<string, number>()

  // Taken by a click here: nobody has to be told that it came.
  const mineByHand = new Set<string>()
  const takenHere = (id: string) => void mineByHand.add(id)

  const lists = computed(() => arranged(book.value, session.id))
  const openRows = computed(() => lists.value[openList.value])
  const busyCount = computed(() => Math.max(session.me?.active ?? 0, lists.value.mine.length))
  const unreadMine = computed(() => lists.value.mine.reduce((sum, row) => sum + unreadOf(row), 0))

  function unreadOf(row: Row): number {
    return (readHere.get(row.id) ?? 0) >= row.head_seq ? 0 : row.unread
  }

  function readUpTo(id: string, seq: number): void {
    if ((readHere.get(id) ?? 0) >= seq) return
    readHere.set(id, seq)
    triggerRef(book)
  }

  function rowOf(id: string): Row | undefined {
    return book.value.get(id)
  }

  /** Takes pushed rows: one change on screen for all of them. */
  function take(rows: readonly Row[]): void {
    const heard = rows.flatMap((row) => noticeOf(book.value.get(row.id), row, session.id) ?? []).filter((one) => one.kind !== 'given_to_you' || !mineByHand.delete(one.conversationId))
    const mineBefore = lists.value.mine.length
    book.value = withRows(book.value, rows)
    if (heard.length) notices.value = heard
    if (lists.value.mine.length !== mineBefore) void session.refresh().catch(() => undefined)
  }

  function takeCounts(next: Counts): void {
    counts.value = next
  }

  /** The next page of a list, or its first one. */
  async function load(list: ListName): Promise<void> {
    const page = pages[list]
    if (page.isLoading || (page.isLoaded && !page.cursor)) return
    pages[list] = { ...page, isLoading: true, error: null }
    try {
      const answer = await api.conversations(list, page.cursor)
      book.value = withRows(book.value, answer.rows)
      counts.value = answer.counts
      pages[list] = { cursor: answer.next_cursor, isLoaded: true, isLoading: false, error: null }
    } catch (error) {
      pages[list] = { ...page, isLoading: false, error }
    }
  }

  /** After a broken line: rows may have changed unseen, so the lists are read again from the top. */
  async function reload(): Promise<void> {
    const wanted = new Set<ListName>(['mine', 'waiting', openList.value])
    await Promise.all(
      [...wanted].map(async (list) => {
        try {
          const answer = await api.conversations(list)
          const present = new Set(answer.rows.map((row) => row.id))
          // Rows that left the list unseen would stay for ever; a complete answer proves which ones did.
          const gone = answer.next_cursor ? [] : lists.value[list].filter((row) => !present.has(row.id))
          if (gone.length && list !== 'closed') {
            const next = new Map(book.value)
            for (const row of gone) next.delete(row.id)
            book.value = next
          }
          book.value = withRows(book.value, answer.rows)
          counts.value = answer.counts
          if (!pages[list].isLoaded) pages[list] = { cursor: answer.next_cursor, isLoaded: true, isLoading: false, error: null }
        } catch (error) {
          pages[list] = { ...pages[list], isLoading: false, error }
        }
      }),
    )
  }

  function search(typed: string): Row[] {
    return found(book.value, typed)
  }

  /** All conversations the desk knows, not only the rows that are loaded. */
  const searchAll = (typed: string, signal: AbortSignal): Promise<Row[]> => api.search(typed.trim(), 30, signal)

  function isMine(id: string): boolean {
    const row = book.value.get(id)
    return row ? isHeldBy(row.holder, session.id) : false
  }

  function clear(): void {
    book.value = new Map()
    readHere.clear()
    for (const list of Object.keys(pages) as ListName[]) pages[list] = firstPage()
  }

  return {
    book, counts, pages, openList, openRows, lists, notices, busyCount, unreadMine,
    takenHere, unreadOf, readUpTo, rowOf, take, takeCounts, load, reload, search, searchAll, isMine, clear,
  }
})
