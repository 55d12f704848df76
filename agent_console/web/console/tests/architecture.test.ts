import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { en } from '@/locales/en'
import { zhCN } from '@/locales/zh-CN'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))

function filesIn(folder: string): { name: string; text: string }[] {
  return readdirSync(join(SOURCE, folder), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => {
      const path = join(file.parentPath, file.name)
      return { name: path.slice(SOURCE.length + 1), text: readFileSync(path, 'utf8') }
    })
}
const offenders = (folders: string[], forbidden: RegExp) =>
  folders.flatMap(filesIn).filter(({ text }) => forbidden.test(text)).map(({ name }) => name)

describe('the console’s modules', () => {
  it('keep views away from the network', () => {
    expect(offenders(['views', 'components'], /@\/connection|\bfetch\(|new WebSocket|XMLHttpRequest/)).toEqual([])
  })

  it('keep state away from the page, the clock and the network', () => {
    expect(offenders(['state'], /from 'vue'|@\/connection|@\/stores|\bdocument\b|\bwindow\.|Date\.now|localStorage/)).toEqual([])
  })

  it('put markup on the page in one place only, after cleaning it', () => {
    expect(offenders(['views', 'components'], /v-html=/)).toEqual(['components/RichText.vue'])
    expect(offenders(['views', 'components', 'stores', 'connection', 'state'], /insertAdjacentHTML|document\.write/)).toEqual([])
  })
})

type Tree = { [name: string]: string | Tree }
function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[`${path}${name}`, value] as [string, string]] : leaves(value, `${path}${name}.`))
}
const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

describe('the languages', () => {
  const english = new Map(leaves(en))
  const chinese = leaves(zhCN)

  it('say the same things with the same blanks to fill', () => {
    const differing = chinese.filter(([place, text]) => slots(text).join() !== slots(english.get(place) ?? '').join())
    expect([...english.keys()].sort()).toEqual(chinese.map(([place]) => place).sort())
    expect(differing).toEqual([])
  })

  it('keep Chinese out of the English words', () => {
    const mixed = [...english].filter(([place, text]) => /[\u4e00-\u9fff]/.test(text) && place !== 'shell.language')
    expect(mixed).toEqual([])
  })

  it('leave no words of the screen outside the word lists', () => {
    const inTemplates = ['views', 'components'].flatMap(filesIn).filter(({ text }) => /[\u4e00-\u9fff]/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|u4e00/g, '')))
    expect(inTemplates.map(({ name }) => name)).toEqual([])
  })
})
