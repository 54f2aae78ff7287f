import { Agent } from 'node:http'
import { startSimulator, type SimulatedOperator, type Simulator } from 'mobileconnect-simulator'
import { gsmaDiscovery, Strategy } from 'passport-mobileconnect'
import { Child } from '../lib/children.js'
import { Client, listen, type Answer, type Listening } from '../lib/client.js'
import { compared, inParallel, inTurns, ratioTitle, type Side } from '../lib/measure.js'
import { host } from '../lib/people.js'
import { row, title } from '../lib/print.js'

const people = 300
const later = 40

const operators = ['a', 'b'] as const
const numbers = { a: '447700900001', b: '447700900002' }

/** One browser on its way through a login. */
interface Visit { readonly client: Client, readonly operator: 'a' | 'b', readonly at: string }

const moved = ({ status, location, body }: Answer): string => {
  if (location !== undefined) return location
  throw new Error(`Not sent on, but answered ${status}: ${JSON.stringify(body).slice(0, 300)}`)
}

/** Sends the person to their operator. */
const begun = async (client: Client, operator: 'a' | 'b'): Promise<Visit> =>
  ({ client, operator, at: moved(await client.send('GET', `/login?operator=${operator}`, undefined, ofOwnPage)) })

/** What browsers say of a link that was followed on this app's own page. */
const ofOwnPage = { 'sec-fetch-site': 'same-origin' }

/**
 * The operator's pages, until it sends the browser back to the app: the number is asked for, the phone rings, and says
 * yes at once.
 */
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

/**
 * The networks tell the operator, as discovery is asked by number anew for each person: its answer holds their
 * subscriber id.
 */
async function appOf(sim: Simulator): Promise<{ listening: Listening, most: () => number }> {
  const { app, passport } = host()
  app.use(passport.session())
  const listening = await listen(app)
  const { url, clientId, clientSecret } = sim.discovery
  const redirectURL = `${listening.url}/callback`
  const issuers = sim.operators.map(({ issuer }) => issuer)
  const discovery = gsmaDiscovery({ url, clientId, clientSecret, redirectURL, issuers })
  const network = (req: { query: unknown }) => {
    const { mcc, mnc } = sim.operator((req.query as { operator: string }).operator)
    return { identified: { mcc, mnc } }
  }
  const options = { discovery, network, callbackURL: `${redirectURL}/{operator}` }
  passport.use(new Strategy(options, ({ sub }) => ({ id: `user${sub}` })) as never)
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
  const count = () => ({
    discovery: sim.discovery.requests(),
    of: sim.operators.map((operator) => endpoints.map((endpoint) => operator.requests(endpoint))),
  })
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
 * All at once: all people are sent on, then all come back. What the operators answer first, they answer late, so that
 * nobody finds it known.
 */
async function countRequests(sim: Simulator): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: people })
  const { listening, most } = await appOf(sim)
  const logins = (count: number, width: number) => async () => {
    const visits: Visit[] = []
    await inParallel(count, width, async (index) => {
      visits.push(await begun(new Client(listening.url, agent), operators[index % 2] ?? 'a'))
    })
    const returning: Visit[] = []
    await inParallel(count, 8, async () => { returning.push(await throughOperator(sim, visits.pop() as Visit)) })
    await inParallel(count, width, async () => back(returning.pop() as Visit))
  }
  const late = { delay: '2s', times: 1 }
  sim.discovery.fail(late)
  for (const operator of sim.operators) {
    operator.fail('metadata', late)
    operator.fail('keys', late)
  }
  title(`Requests of ${people} first logins at once, and of ${later} later ones`, 'first', 'later')
  const first = await asked(sim, logins(people, people))
  sim.discovery.restore()
  sim.operators.forEach((operator) => operator.restore())
  const warm = await asked(sim, logins(later, 8))
  row('discovery, for both operators', first.discovery, warm.discovery)
  for (const operator of sim.operators) {
    for (const endpoint of endpoints) {
      row(`${operator.name}: ${endpoint}`, first.of(operator, endpoint), warm.of(operator, endpoint))
    }
  }
  row('logins that the app had in hand at once, at most', most())
  agent.destroy()
  await listening.close()
}

/**
 * The two requests of a login that the app serves; the operator's pages in between are not measured, and neither is the
 * operator.
 */
async function side(name: string, sim: Simulator, child: Child): Promise<Side> {
  const times = 30
  const url = await child.ask<string>('url')
  return {
    name,
    round: async () => {
      const visits: Visit[] = []
      const returning: Visit[] = []
      const begin = await child.seconds(() => inParallel(times, 8, async () => {
        visits.push(await begun(new Client(url), 'a'))
      }))
      await inParallel(times, 8, async () => { returning.push(await throughOperator(sim, visits.pop() as Visit)) })
      const end = await child.seconds(() => inParallel(times, 8, async () => back(returning.pop() as Visit)))
      return times / (begin + end)
    },
  }
}

async function compareLogins(sim: Simulator): Promise<void> {
  const { id, issuer, clientId, clientSecret, clients } = sim.operator('a')
  const other = { id, issuer, clientId: clients[1]?.clientId ?? '', clientSecret: clients[1]?.clientSecret ?? '' }
  const children = await Promise.all([
    Child.start('mobile-connect', { variant: 'mobileconnect', operator: { id, issuer, clientId, clientSecret } }),
    Child.start('mobile-connect', { variant: 'openid', operator: other }),
    Child.start('mobile-connect', { variant: 'openid', operator: other }),
  ])
  const ours = await side('passport-mobileconnect', sim, children[0])
  const theirs = await side('openid-client/passport', sim, children[1])
  const control = await side('openid-client/passport, a second time', sim, children[2])
  const rates = await inTurns([ours, theirs, control], 9)
  ratioTitle('Logins at one operator')
  compared(rates, control, theirs)
  compared(rates, ours, theirs)
  await Promise.all(children.map((child) => child.stop()))
}

export async function benchMobileConnect(): Promise<void> {
  const sim = await startSimulator({ clients: [{}, { clientAuth: 'post' }] })
  await countRequests(sim)
  await compareLogins(sim)
  await sim.close()
}
