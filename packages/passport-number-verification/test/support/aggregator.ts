import type { CreateProvider, ProviderAnswer } from 'passport-number-verification'

interface Check { readonly id: string, readonly url: string }
interface Outcome { readonly verdict: 'same' | 'other' | 'unknown' }

export const acme = (apiKey: string, base = 'https://api.acme.example'): CreateProvider => ({ fetch }) => {
  const call = async <Answer>(path: string, signal: AbortSignal, body?: object): Promise<Answer> => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
    const method = body === undefined ? 'GET' : 'POST'
    const response = await fetch(base + path, { method, headers, signal, ...body && { body: JSON.stringify(body) } })
    if (!response.ok) throw new Error(`Acme answers with status ${response.status}.`)
    return await response.json() as Answer
  }
  return {
    id: base,
    modes: ['verify'],
    network: {
      async begin({ phone, signal }, { state, redirectUri }) {
        const { id, url } = await call<Check>('/checks', signal, { phone, return_to: `${redirectUri}?state=${state}` })
        return { status: 'leave', url, keep: id }
      },
      async end({ signal }, { keep }): Promise<ProviderAnswer> {
        const { verdict } = await call<Outcome>(`/checks/${String(keep)}`, signal)
        if (verdict === 'same') return { status: 'matches' }
        if (verdict === 'other') return { status: 'differs' }
        return { status: 'unavailable', reason: 'not-on-mobile-network' }
      },
    },
  }
}
