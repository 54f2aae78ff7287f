import type { Express as ExpressApp } from 'express'
import request, { type Response } from 'supertest'
import { people } from './app.js'

/** How a person uses a login: a browser without JavaScript, or a program that speaks JSON. */
export type Manner = 'page' | 'program'

/** What another site sends the person back with: an address, or a form that its page posts here. */
export type Answer = { readonly address: string } | { readonly address: string, readonly form: Readonly<Record<string, string>> }

const unescaped = (text: string): string => text
  .replace(/&quot;/g, '"').replace(/&#39;/g, '\'').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&')

/** The hidden fields of a page. */
const fieldsIn = (page: string): Record<string, string> =>
  Object.fromEntries([...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [unescaped(name), unescaped(value)]))

const pathOf = (address: string): string => new URL(address).pathname + new URL(address).search

export type Visitor = ReturnType<typeof visitor>

/** One person with one cookie jar at `http://acme.example`. */
export function visitor(app: ExpressApp, manner: Manner) {
  const agent = request.agent(app)
  const accept = manner === 'page' ? 'text/html' : 'application/json'
  const post = async (path: string, fields: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
    agent.post(path).type(manner === 'page' ? 'form' : 'json').set({ Host: 'acme.example', Accept: accept, 'Sec-Fetch-Site': 'same-origin', ...headers }).send(fields)
  const get = async (path: string, site = 'cross-site'): Promise<Response> => agent.get(path).set({ Host: 'acme.example', Accept: accept, 'Sec-Fetch-Site': site })
  return {
    manner,
    post,
    get,
    password: async (name: string) => post('/login/local', { username: name, password: people()[name]!.password }),
    /** Presses the button of a factor elsewhere: the address that it leads to. */
    async leave(factor: string): Promise<string> {
      const { body, text, status } = await post(`/login/${factor}`)
      const url: unknown = manner === 'page' ? /http-equiv="refresh" content="0;url=([^"]*)"/.exec(text)?.[1] : body.url
      if (typeof url !== 'string') throw new Error(`${factor} led nowhere: ${status} ${text.slice(0, 500)}`)
      return unescaped(url)
    },
    /**
     * Comes back. What another site's page posts arrives without our `SameSite` cookie, as browsers have it, and is answered with a page that
     * posts it once more from here.
     */
    async come(answer: Answer): Promise<Response> {
      if (!('form' in answer)) return get(pathOf(answer.address))
      const headers = { Host: 'acme.example', Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site', Origin: 'https://elsewhere.example' }
      const page = await request(app).post(pathOf(answer.address)).type('form').set(headers).send(answer.form)
      return agent.post(pathOf(answer.address)).type('form').set({ ...headers, 'Sec-Fetch-Site': 'same-origin', Origin: 'http://acme.example' }).send(fieldsIn(page.text))
    },
    /** Where the login stands. */
    standing: async (): Promise<{ status: string, completed: { factor: string }[] }> => (await agent.get('/login').set({ Host: 'acme.example', Accept: 'application/json' })).body,
    who: async (): Promise<{ authenticated: boolean, user: string | null }> => (await agent.get('/who')).body,
  }
}
