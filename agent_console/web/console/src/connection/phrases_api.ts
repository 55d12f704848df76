/** The console's calls about what an agent is warned of before sending. */
import type { PhraseKind, SendPhrase } from '@/protocol'
import { call } from './rest'

const ROOT = '/api/v1/console/send-phrases'

export const all = async () => (await call<{ phrases: SendPhrase[] }>('GET', ROOT)).data.phrases
export const put = async (phrase: { words: string; kind: PhraseKind; suggestion: string; variants: string[]; active: boolean }) =>
  (await call<SendPhrase>('PUT', ROOT, { body: phrase })).data
