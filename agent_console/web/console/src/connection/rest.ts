/** One HTTP call to the desk: what it has to carry, and which of the two kinds of trouble it ends in. */
import type { Problem } from '@/protocol'
import { Refused, Unreachable } from '@/trouble'

export interface CallOptions {
  body?: unknown
  form?: FormData
  query?: Record<string, string | number | undefined | null>
  ifMatch?: string
  signal?: AbortSignal
}
export interface Answer<T> {
  data: T
  etag: string | null
  status: number
}

const TIMEOUT_MS = 15_000

let whenSignedOut: () => void = () => undefined

/** Called whenever the desk says that nobody is signed in any more. */
export function onSignedOut(run: () => void): void {
  whenSignedOut = run
}

export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const address = new URL(path, location.origin)
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null && value !== '') address.searchParams.set(name, String(value))
  }
  // A form on another site cannot set this header, so the desk takes it as proof that the call is ours.
  const headers: Record<string, string> = { 'X-Jieli-Console': '1', Accept: 'application/json' }
  if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  if (options.ifMatch) headers['If-Match'] = options.ifMatch
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  let response: Response
  let text: string
  try {
    response = await fetch(address, {
      method,
      headers,
      credentials: 'same-origin',
      body: options.form ?? (options.body === undefined ? null : JSON.stringify(options.body)),
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    })
    text = await response.text()
  } catch {
    throw new Unreachable()
  }
  const data = parsed(text)
  if (!response.ok) {
    const problem = problemOf(response.status, data)
    if (problem.code === 'not_signed_in') whenSignedOut()
    throw new Refused(problem)
  }
  return { data: data as T, etag: response.headers.get('ETag'), status: response.status }
}

function parsed(text: string): unknown {
  if (!text) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A gateway in between may answer with a page of its own; then the status is all there is. */
function problemOf(status: number, data: unknown): Problem {
  if (typeof data === 'object' && data !== null && 'code' in data && typeof data.code === 'string') {
    return { title: '', detail: '', ...data, status } as Problem
  }
  return { title: '', status, code: status >= 500 ? 'server_trouble' : 'bad_request', detail: '' }
}
