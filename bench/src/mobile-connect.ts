import { Agent } from 'node:http'
import { startSimulator, type SimulatedOperator, type Simulator } from 'mobileconnect-simulator'
import * as openid from 'openid-client'
import { Strategy as OpenIdStrategy } from 'openid-client/passport'
import { gsmaDiscovery, Strategy } from 'passport-mobileconnect'
import { compare, inParallel, processorSeconds, type Side } from './measure.js'
import { host } from './people.js'
import { ratios, row, title } from './print.js'
import { Client, listen, type Answer, type Listening } from './server.js'

const people = 1000
const later = 40

const operators = ['a', 'b'] as const
const numbers = { a: '447700900001', b: '447700900002' }

/** One browser on its way through a login. */
interface Visit { readonly client: Client, readonly operator: 'a' | 'b', readonly at: string }

const moved = ({ status, location, body }: Answer): string => {
  if (location === undefined) throw new Error(`Not sent on, but answered ${status}: ${JSON.stringify(body).slice(0, 300)}`)
  return location
}

/** Sends the person to their operator. */
const begun = async (client: Client, operator: 'a' | 'b'): Promise<Visit> =>
  ({ client, operator, at: moved(await client.send('GET', `/login?operator=${operator}`)) })

/** The operator's pages, until it sends the browser back to the app: the number is asked for, the phone rings, and says yes at once. */
async function throughOperator(sim: Simulator, { client, operator, at }: Visit): Promise<Visit> {
  const page = new URL(moved(await client.send('GET', at)), at).href
  const asks = (await client.send('GET', page)).location === undefined
  if (asks) await client.send('POST', page, `msisdn=${numbers[operator]}`)
  for (const { id } of sim.handset(numbers[operator]).pending()) await sim.handsets.approve(id).catch(() => undefined)
  const resumed = new URL(moved(await client.send('GET', page)), page).href
  return { client, operator, at: moved(await client.send('GET', resumed)) }
}

async function back({ client, at }: Visit): Promise<void> {
  const { status, body } = await client.send('GET', at)
  if (status !== 200) throw new Error(`Not logged in: ${status} ${JSON.stringify(body).slice(0, 300)}`)
}

/** The networks tell the operator, as discovery is asked by number anew for each person: its answer holds their subscriber id. */
async function appOf(sim: Simulator): Promise<{ listening: Listening, most: () => number }> {
  const { app, passport } = host()
  app.use(passport.session())
  const listening = await listen(app)
  const { url, clientId, clientSecret } = sim.discovery
  const discovery = gsmaDiscovery({ url, clientId, clientSecret, redirectURL: `${listening.url}/callback`, issuers: sim.operators.map(({ issuer }) => issuer) })
  const network = (req: { query: unknown }) => {
    const { mcc, mnc } = sim.operator((req.query as { operator: string }).operator)
    return { identified: { mcc, mnc } }
  }
  passport.use(new Strategy({ discovery, network, callbackURL: `${listening.url}/callback/{operator}` }, ({ sub }) => ({ id: `user${sub}` })) as never)
  let [now, most] = [0, 0]
  app.use((_req, res, next) => {
    now += 1
    most = Math.max(most, now)
    res.on('close', () => { now -= 1 })
    next()
  })
  app.get(['/login', '/callback/:operator'], passport.authenticate('mobileconnect'), (_req, res) => void res.json({}))
  return { listening, most: () => most }
}

const endpoints = ['metadata', 'keys', 'token'] as const

interface Asked {
  readonly discovery: number
  readonly of: (operator: SimulatedOperator, endpoint: typeof endpoints[number]) => number
}

/** What each service was asked for during some work. */
async function asked(sim: Simulator, work: () => Promise<unknown>): Promise<Asked> {
  const count = () => ({ discovery: sim.discovery.requests(), of: sim.operators.map((operator) => endpoints.map((endpoint) => operator.requests(endpoint))) })
  const before = count()
  await work()
  const after = count()
  return {
    discovery: after.discovery - before.discovery,
    of: (operator, endpoint) => {
      const [place, which] = [sim.operators.indexOf(operator), endpoints.indexOf(endpoint)]
      return (after.of[place]?.[which] ?? Number.NaN) - (before.of[place]?.[which] ?? Number.NaN)
    },
  }
}

/**
 * All at once: a thousand people are sent on, then a thousand come back. What the operators answer first, they answer late, so that nobody finds
 * it known.
 */
async function countRequests(sim: Simulator): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: people })
  const { listening, most } = await appOf(sim)
  const logins = (count: number, width: number) => async () => {
    const visits: Visit[] = []
    await inParallel(count, width, async (index) => { visits.push(await begun(new Client(listening.url, agent), operators[index % 2] ?? 'a')) })
    const returning: Visit[] = []
    await inParallel(count, 8, async () => { returning.push(await throughOperator(sim, visits.pop() as Visit)) })
    await inParallel(count, width, async () => back(returning.pop() as Visit))
  }
  const late = { delay: '2s', times: 1 }
  sim.discovery.fail(late)
  sim.operators.forEach((operator) => { (['metadata', 'keys'] as const).forEach((endpoint) => operator.fail(endpoint, late)) })
  title(`Requests of ${people} first logins at once, and of ${later} later ones`, 'first', 'later')
  const first = await asked(sim, logins(people, people))
  sim.discovery.restore()
  sim.operators.forEach((operator) => operator.restore())
  const warm = await asked(sim, logins(later, 8))
  row('discovery, for both operators', first.discovery, warm.discovery)
  for (const operator of sim.operators) endpoints.forEach((endpoint) => row(`${operator.name}: ${endpoint}`, first.of(operator, endpoint), warm.of(operator, endpoint)))
  row('logins that the app had in hand at once, at most', most())
  agent.destroy()
  await listening.close()
}

/**
 * The two requests of a login that the app serves, with the operator's token endpoint, which answers in this process; its pages in between are not
 * measured.
 */
function side(name: string, sim: Simulator, { url }: Listening): Side {
  const times = 30
  return {
    name,
    round: async () => {
      const [visits, returning]: [Visit[], Visit[]] = [[], []]
      const begin = await processorSeconds(() => inParallel(times, 8, async () => { visits.push(await begun(new Client(url), 'a')) }))
      await inParallel(times, 8, async () => { returning.push(await throughOperator(sim, visits.pop() as Visit)) })
      const end = await processorSeconds(() => inParallel(times, 8, async () => back(returning.pop() as Visit)))
      return times / (begin + end)
    },
  }
}

async function ours(sim: Simulator): Promise<Listening> {
  const { app, passport } = host()
  app.use(passport.session())
  const listening = await listen(app)
  const { id, issuer, clientId, clientSecret } = sim.operator('a')
  const options = { operator: { id, issuer, clientId, clientSecret }, userinfo: false, callbackURL: `${listening.url}/callback` }
  passport.use(new Strategy(options, ({ sub }) => ({ id: `user${sub}` })) as never)
  app.get(['/login', '/callback'], passport.authenticate('mobileconnect'), (_req, res) => void res.json({}))
  return listening
}

/** openid-client's own strategy at the same operator, told what Mobile Connect demands. */
async function openIdClient(sim: Simulator): Promise<Listening> {
  const { app, passport } = host()
  app.use(passport.session())
  const listening = await listen(app)
  const { issuer, clients } = sim.operator('a')
  const { clientId = '', clientSecret = '' } = clients[1] ?? {}
  // Plain HTTP, on loopback.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so that it stands out
  const insecure = { execute: [openid.allowInsecureRequests] }
  const config = await openid.discovery(new URL(issuer), clientId, undefined, openid.ClientSecretPost(clientSecret), insecure)
  const options = { config, name: 'openid', callbackURL: `${listening.url}/callback`, scope: 'openid mc_authn' }
  const strategy = new OpenIdStrategy(options, (tokens, done) => done(null, { id: `user${tokens.claims()?.sub}` }))
  const state = () => ({ version: 'mc_v1.1', acr_values: '2', nonce: openid.randomNonce(), state: openid.randomState() })
  passport.use(Object.assign(strategy, { authorizationRequestParams: state }) as never)
  app.get(['/login', '/callback'], passport.authenticate('openid'), (_req, res) => void res.json({}))
  return listening
}

export async function benchMobileConnect(): Promise<void> {
  const sim = await startSimulator({ clients: [{}, { clientAuth: 'post' }] })
  await countRequests(sim)
  title('Logins at one operator, whose token endpoint is part of both sides', ...ratios)
  const [mine, theirs] = [await ours(sim), await openIdClient(sim)]
  await compare([side('passport-mobileconnect', sim, mine), side('openid-client/passport', sim, theirs)])
  await mine.close()
  await theirs.close()
  await sim.close()
}
