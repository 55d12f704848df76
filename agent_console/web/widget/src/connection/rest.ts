/** The desk's REST calls: JSON in, JSON out, a coded refusal or "unreachable". */

const CALL_TIMEOUT_MS = 5000;
/** A picture over a weak line. */
const UPLOAD_TIMEOUT_MS = 30_000;

/** The desk said no and why. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly retryAfter: number | null,
  ) {
    super(code);
  }
}

/** No usable answer: the network, a proxy, or a desk in trouble. Asking again later may help. */
export class Unreachable extends Error {}

export interface Rest {
  <T>(method: string, path: string, body?: object | FormData): Promise<T>;
}

export function restFor(bearer: () => string | null): Rest {
  return async <T>(method: string, path: string, body?: object | FormData): Promise<T> => {
    const form = body instanceof FormData;
    const proof = bearer();
    const answer = await fetch(`/api/v1/widget/${path}`, {
      method,
      headers: {
        ...(body && !form && { "Content-Type": "application/json" }),
        ...(proof && { Authorization: `Bearer ${proof}` }),
      },
      body: form ? body : body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(form ? UPLOAD_TIMEOUT_MS : CALL_TIMEOUT_MS),
    }).catch(() => {
      throw new Unreachable();
    });
    if (answer.status === 204) return undefined as T;
    const said = (await answer.json().catch(() => null)) as Record<string, unknown> | null;
    if (answer.ok && said) return said as T;
    if (answer.status >= 500 || !said?.code) throw new Unreachable();
    throw new Refusal(
      answer.status,
      String(said.code),
      String(said.detail ?? said.title ?? said.code),
      Number(said.retry_after) || null,
    );
  };
}
