import type { ServerProcess } from './server.js'
import { codeOf, passwords, visitor, type Name } from './visitor.js'

interface Answer {
  readonly status: number
  readonly cookies: readonly string[]
  readonly body: any
}

/** A browser whose cookies go to any of the processes, as behind a load balancer. */
export function roamer() {
  const cookies = new Map<string, string>()
  const send = async (server: ServerProcess, path: string, body?: object): Promise<Answer> => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const headers = { cookie, accept: 'application/json', ...body && { 'content-type': 'application/json' } }
    const posted = body && { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(server.url + path, { headers, ...posted })
    return { status: response.status, cookies: response.headers.getSetCookie(), body: await response.json() }
  }
  const keep = ({ cookies: given }: Answer) => given.forEach((cookie) => {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
    cookies.set(name!, value!)
  })
  const ask = async (server: ServerProcess, path: string, body?: object) => {
    const answer = await send(server, path, body)
    keep(answer)
    return answer
  }
  return {
    ask,
    /** The same cookies with every request, whatever the answers say. */
    askAtOnce: (servers: readonly ServerProcess[], count: number, path: string, body?: object) =>
      Promise.all(Array.from({ length: count }, (_, index) => send(servers[index % servers.length]!, path, body))),
    /** The cookies of this answer. */
    keep,
    password: (server: ServerProcess, name: Name) =>
      ask(server, '/login/local', { username: name, password: passwords[name] }),
  }
}

export type Roamer = ReturnType<typeof roamer>

/** The texts to this number, the last one at the end. */
export const textsTo = async (server: ServerProcess, phone: string): Promise<readonly { readonly body: string }[]> =>
  (await visitor(server.url).get('/handset/messages').query({ to: phone })).body

/** The code of the text that this request makes, and not of one before it. */
export async function codeOfNewText(server: ServerProcess, phone: string, send: () => Promise<unknown>): Promise<string> {
  const { length } = await textsTo(server, phone)
  await send()
  for (;;) {
    const texts = await textsTo(server, phone)
    if (texts.length > length) return codeOf(texts.at(-1)!.body)
  }
}
