import type { Server } from 'node:http'
import request from 'supertest'
import { comparing, takeFaults } from '../../../test/support/protocol.js'

// Every suite that uses this client shows that docs/openapi.json says what the router of the app does.
afterEach(() => expect(takeFaults()).toEqual([]))

export const passwords = { ada: 'lovelace-1815', grace: 'hopper-1906', alan: 'turing-1912' }
export const adaPhone = '+447400123456'
export const gracePhone = '+447400123499'
export type Name = keyof typeof passwords

type Target = Parameters<typeof request.agent>[0] | Server

/** A client with cookies of its own that speaks JSON. */
export function visitor(target: Target) {
  const agent = request.agent(target).use(comparing('/login'))
  const get = (path: string) => agent.get(path).set('Accept', 'application/json')
  const post = (path: string, body: object = {}) => agent.post(path).set('Accept', 'application/json').send(body)
  const password = (name: Name) => agent.post('/login/local').send({ username: name, password: passwords[name] })
  return {
    agent,
    get,
    post,
    password,
    /** The password of a user with a number, who does not follow to the network: what the login then offers. */
    pending: async (name: Name) => {
      expect((await password(name)).body).toEqual({ status: 'redirect', url: expect.stringContaining('/camara/authorize?') })
      return get('/login')
    },
    /** The password of ada, who then chooses a text. */
    begin: async () => {
      await password('ada')
      return post('/login/sms-otp/challenge')
    },
    /** What the old guards see. */
    who: async () => (await agent.get('/legacy/session')).body,
    /** The code of the last text to a number. The answer to a stranger does not wait for the text, so this may have to. */
    texted: async (phone: string): Promise<string> => {
      for (;;) {
        const { body } = await agent.get('/handset/messages').query({ to: phone })
        if (body.length > 0) return codeOf(body.at(-1).body)
      }
    },
    authenticator: async (): Promise<string> => {
      const { body } = await agent.get('/handset').set('Accept', 'application/json')
      return body.authenticators[0].code
    },
  }
}

export const codeOf = (text: string): string => /#(\d{6})$/.exec(text)![1]!

/** Another code than the right one. */
export const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

interface Form { action: string, fields: Record<string, string>, names: string[] }

/** The forms of a page: where they go, what they hide, what they ask for. */
export const formsOf = (html: string): Form[] =>
  [...html.matchAll(/<form method="post" action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(([, action, content]) => {
    const inputs = [...content!.matchAll(/<input ([^>]*)>/g)].map(([, attributes]) => attributes!)
    const value = (attributes: string, name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
    const hidden = inputs.filter((attributes) => value(attributes, 'type') === 'hidden')
    return {
      action: action!,
      fields: Object.fromEntries(hidden.map((attributes) => [value(attributes, 'name')!, value(attributes, 'value') ?? ''])),
      names: inputs.filter((attributes) => !hidden.includes(attributes)).map((attributes) => value(attributes, 'name')!).filter((name) => name !== 'remember'),
    }
  })

/** A browser without JavaScript: it fills in the forms that pages show, and follows redirects. */
export function reader(target: Target) {
  const agent = request.agent(target)
  let html = ''
  const follow = async (response: request.Response): Promise<string> => {
    if (response.status === 303 || response.status === 302) return open(response.headers.location!)
    html = response.text
    return html
  }
  const open = async (path: string): Promise<string> => follow(await agent.get(path).set('Accept', 'text/html'))
  return {
    agent,
    open,
    /** Submits the form that asks for these fields or, without any, the one that goes to a path. */
    submit: async (values: Record<string, string> | string): Promise<string> => {
      const wanted = typeof values === 'string' ? [] : Object.keys(values)
      const fits = (form: Form) => typeof values === 'string' ? form.action === values : form.names.join() === wanted.filter((name) => name !== 'remember').join()
      const form = formsOf(html).find(fits)
      if (!form) throw new Error(`No such form on this page:\n${html}`)
      return follow(await agent.post(form.action).set('Accept', 'text/html').set('Sec-Fetch-Site', 'same-origin').type('form').send({ ...form.fields, ...typeof values === 'string' ? {} : values }))
    },
  }
}
