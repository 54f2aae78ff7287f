import type { Prompt } from '../../src/mobile-connect/prompts.js'
import type { visitor } from './visitor.js'

type Visitor = ReturnType<typeof visitor>

/** A browser at the simulated operators, without JavaScript. */
export function operatorVisit() {
  const cookies = new Map<string, string>()
  const ask = async (url: string, form?: Record<string, string>): Promise<Response> => {
    const headers = { accept: 'text/html', cookie: [...cookies].map((pair) => pair.join('=')).join('; ') }
    const response = await fetch(url, { redirect: 'manual', headers, ...form && { method: 'POST', body: new URLSearchParams(form) } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return response
  }
  /** Follows redirects; the path where they lead back into the app, or the page where they end. */
  const go = async (url: string, form?: Record<string, string>): Promise<{ url: string, back?: string }> => {
    const response = await ask(url, form)
    const location = response.headers.get('location')
    if (location === null) return { url }
    const next = new URL(location, url)
    return next.hostname === 'localhost' ? { url, back: next.pathname + next.search } : go(next.href)
  }
  return { go }
}

/** The prompt on a phone, once it is there. */
export async function promptOn(person: Visitor, msisdn: string): Promise<Prompt> {
  for (;;) {
    const { body } = await person.get('/handset/prompts').query({ msisdn })
    if (body.length > 0) return body.at(-1)
  }
}

/** From the app to the operator, an answer on the phone, and back: the app's answer to the callback. */
export async function byPhone(person: Visitor, url: string, msisdn: string, answer: 'approve' | 'deny', body: object = {}) {
  const { go } = operatorVisit()
  const waiting = await go(url)
  const prompt = await promptOn(person, msisdn)
  await person.post(`/handset/prompts/${prompt.id}/${answer}`, body).expect(204)
  const { back } = await go(waiting.url)
  return { prompt, answer: await person.get(back!) }
}
