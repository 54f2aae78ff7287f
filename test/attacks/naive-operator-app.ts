import express from 'express'
import session from 'express-session'
import type { Simulator } from 'mobileconnect-simulator'
import { relyingParty } from '../../packages/mobileconnect-simulator/test/support/relying-party.js'

interface Person { readonly id: string, readonly password: string, readonly phone: string }
interface Begun { readonly url: string, readonly checks: Awaited<ReturnType<Awaited<ReturnType<typeof relyingParty>>['begin']>>['checks'] }
interface Kept { user?: string, pending?: string, begun?: Begun | undefined, transfer?: string | undefined, confirmed?: string | undefined }

/** Mobile Connect written by hand: every check of OpenID Connect is there, and none of who the answer is about. `urlOf`: of this app, once it listens. */
export async function naiveOperatorApp(sim: Simulator, people: readonly Person[], urlOf: () => string) {
  const rp = await relyingParty(sim.operator('a'))
  const redirect = () => `${urlOf()}/callback`
  const kept = (req: express.Request) => req.session as unknown as Kept

  const app = express()
  app.use(session({ secret: 'of-a-test-and-nothing-else', resave: false, saveUninitialized: false }), express.json())
  app.post('/login', (req, res) => {
    const person = people.find(({ id, password }) => id === req.body.username && password === req.body.password)
    if (!person) return void res.status(401).end()
    kept(req).pending = person.id
    res.json({ next: '/operator' })
  })
  const begin = async (req: express.Request, parameters: Record<string, string>): Promise<string> => {
    const begun = await rp.begin({ redirect_uri: redirect(), ...parameters })
    kept(req).begun = begun
    return begun.url
  }
  const hintOf = (id: string | undefined) => `MSISDN:${people.find((person) => person.id === id)?.phone.slice(1) ?? ''}`
  app.post('/operator', async (req, res) => {
    const { transfer, pending, user } = kept(req)
    res.json({ url: await begin(req, { login_hint: hintOf(pending ?? user), binding_message: transfer ?? 'Log in to Acme?' }) })
  })
  // Everybody may begin here who has no password to give.
  app.get('/operator', async (_req, res) => { res.redirect(await selectionUrl(sim, redirect())) })
  app.get('/callback', async (req, res) => {
    const { begun, pending, transfer } = kept(req)
    // Back from the choice of an operator, which says whose phone it is.
    if (typeof req.query.subscriber_id === 'string') {
      res.redirect(await begin(req, { login_hint: `ENCR_MSISDN:${req.query.subscriber_id}` }))
      return
    }
    if (!begun) return void res.status(400).end()
    const tokens = await rp.end(urlOf() + req.url, begun.checks).catch(() => undefined)
    if (!tokens) return void res.status(401).end()
    if (pending === undefined && transfer === undefined) {
      const response = await fetch(`${sim.operator('a').issuer}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
      const { phone_number: number } = await response.json() as { phone_number?: string }
      Object.assign(kept(req), { user: people.find(({ phone }) => phone === number)?.id })
    } else {
      Object.assign(kept(req), { user: pending ?? kept(req).user, pending: undefined, transfer: undefined, confirmed: transfer })
    }
    res.json({})
  })
  app.post('/transfer', (req, res) => {
    if (kept(req).user === undefined) return void res.status(401).end()
    const transfer = `Pay ${req.body.amount} to ${req.body.payee}`
    if (kept(req).confirmed === transfer) return void res.json({ made: true })
    kept(req).transfer = transfer
    res.status(403).json({ next: '/operator' })
  })
  app.get('/account', (req, res) => { res.status(kept(req).user === undefined ? 401 : 200).end() })
  return app
}

/** Where the discovery service has people choose their operator. */
async function selectionUrl({ discovery }: Simulator, redirectUrl: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${discovery.clientId}:${discovery.clientSecret}`).toString('base64')}`
  const response = await fetch(`${discovery.url}?Redirect_URL=${encodeURIComponent(redirectUrl)}`, { headers: { authorization, accept: 'application/json' } })
  const { links } = await response.json() as { links: { rel: string, href: string }[] }
  return links.find(({ rel }) => rel === 'operatorSelection')!.href
}
