import { randomUUID } from 'node:crypto'
import express, { Router, type Request, type Response } from 'express'
import { BoundedMap } from '../bounded-map.js'
import { credentialsAt, type Client } from '../configuration.js'
import { digitsOf } from '../msisdn.js'
import { isLoopback } from '../operator/clients.js'
import type { Fault } from '../operator/fault.js'
import { Faults } from '../operator/faults.js'
import type { RunningOperator, Surroundings } from '../operator/operator.js'
import { sendPage } from '../pages/page.js'
import { selectionErrorPage, selectionPage } from '../pages/selection.js'
import { foundAnswer } from './answer.js'
import type { DiscoveryEndpoint, SimulatedDiscovery } from './simulated-discovery.js'

type Params = Readonly<Record<string, string | undefined>>
interface Network { readonly mcc: string, readonly mnc: string }
interface Session { readonly client: number, readonly redirectUrl: string, readonly correlationId: string | undefined }

export function startDiscovery(operators: readonly RunningOperator[], { configuration, base, closed }: Surroundings) {
  const { clients, subscribers, clock } = configuration
  const credentials = clients.map((client) => credentialsAt('discovery', client))
  const faults = new Faults<DiscoveryEndpoint>(['discovery', 'selection'], closed)
  const sessions = new BoundedMap<Session>()
  const url = `${base}/v2/discovery`

  const byNetwork = ({ mcc, mnc }: Network) => operators.find(({ control }) => control.mcc === mcc && control.mnc === mnc)
  const bySubscriber = (digits: string) => {
    const id = subscribers.find((subscriber) => subscriber.digits === digits)?.operator
    return operators.find(({ control }) => control.id === id)
  }

  const discover = async (req: Request, res: Response): Promise<void> => {
    const params = paramsOf(req)
    const client = credentials.findIndex(({ clientId, clientSecret }) => isRawBasic(req, clientId, clientSecret))
    if (client < 0) return unauthorized(res)
    const redirectUrl = params.Redirect_URL
    if (redirectUrl === undefined || !mayReturn(clients[client], redirectUrl)) return invalid(res, 'Redirect_URL is missing, or is not the registered one')
    const network = networkOf(params)
    if (network === 'malformed') return invalid(res, 'MCC has 3 digits and MNC has 2 or 3; both or none are given')
    const digits = params.MSISDN === undefined ? undefined : digitsOf(params.MSISDN)
    if (network === undefined && digits === undefined) return select(req, res, { client, redirectUrl, correlationId: params.correlation_id })
    const operator = network ? byNetwork(network) : bySubscriber(digits ?? '')
    if (!operator) return void res.json({ error: 'Not_Found_Entity', description: 'Operator Not Found' })
    const known = digits !== undefined && bySubscriber(digits) === operator ? digits : undefined
    res.json(await foundAnswer(operator, { client, digits: known, correlationId: params.correlation_id, now: clock.now() }))
  }

  const select = (req: Request, res: Response, session: Session): void => {
    const id = randomUUID()
    sessions.set(id, session)
    const href = `${url}/users/operator-selection?session_id=${id}`
    if (req.accepts(['json', 'html']) === 'html') res.redirect(302, href)
    else res.status(202).json({ links: [{ rel: 'operatorSelection', href }], ...session.correlationId === undefined ? {} : { correlation_id: session.correlationId } })
  }

  const names = operators.map(({ context: { operator } }) => operator)
  const session = (req: Request, res: Response): Session | undefined => {
    const found = sessions.get(typeof req.query.session_id === 'string' ? req.query.session_id : '')
    if (!found) sendPage(res, 404, selectionErrorPage())
    return found
  }

  const router = Router()
  router.use(faults.middleware((path) => (path.startsWith('/users/') ? 'selection' : 'discovery')))
  router.get('/users/operator-selection', (req, res) => {
    if (session(req, res)) sendPage(res, 200, selectionPage({ operators: names }))
  })
  router.post('/users/operator-selection', express.urlencoded({ extended: false }), async (req, res) => {
    const kept = session(req, res)
    if (!kept) return
    const { operator: id, msisdn, cancel } = req.body as Params
    if (cancel !== undefined) return goBack(res, kept, { error: 'access_denied', error_description: 'User cancelled' })
    const digits = digitsOf(msisdn ?? '')
    const operator = digits === '' ? operators.find(({ control }) => control.id === id) : bySubscriber(digits)
    if (!operator) return sendPage(res, 404, selectionPage({ operators: names, problem: 'No operator here knows that number.' }))
    const { mcc, mnc } = operator.context.operator
    goBack(res, kept, { mcc_mnc: `${mcc}_${mnc}`, ...digits === '' ? {} : { subscriber_id: await operator.context.subscriberIds.encrypt(digits) } })
  })
  router.get('/', discover)
  router.post('/', express.urlencoded({ extended: false }), discover)

  const control: SimulatedDiscovery = {
    url, clients: credentials, ...credentials[0] ?? { clientId: '', clientSecret: '' },
    fail: (first?: Fault | DiscoveryEndpoint, second?: Fault) => (typeof first === 'string' ? faults.fail(first, second) : faults.fail('discovery', first)),
    requests: (endpoint = 'discovery') => faults.requests(endpoint),
    restore: () => faults.restore(),
  }
  return { control, router }
}

/** Of the query and of the form, which wins: a number does not belong into an address. Empty ones count as left out. */
function paramsOf(req: Request): Params {
  const given = Object.entries({ ...req.query, ...req.body as object })
  return Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''))
}

const isRawBasic = (req: Request, clientId: string, clientSecret: string): boolean =>
  req.headers.authorization === `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`

const mayReturn = (client: Client | undefined, url: string): boolean => client?.redirectUris?.includes(url) ?? isLoopback(url)

/** What the person chose, before what the device is on. */
function networkOf(params: Params): Network | 'malformed' | undefined {
  const selected = pairOf(params['Selected-MCC'], params['Selected-MNC'])
  if (selected !== undefined) return selected
  if (params.MSISDN !== undefined || params['Manually-Select'] === 'true') return undefined
  return pairOf(params['Identified-MCC'], params['Identified-MNC'])
}

function pairOf(mcc: string | undefined, mnc: string | undefined) {
  if (mcc === undefined && mnc === undefined) return undefined
  return /^\d{3}$/.test(mcc ?? '') && /^\d{2,3}$/.test(mnc ?? '') ? { mcc: mcc ?? '', mnc: mnc ?? '' } : 'malformed'
}

function goBack(res: Response, { redirectUrl, correlationId }: Session, params: Readonly<Record<string, string>>): void {
  const url = new URL(redirectUrl)
  const all = correlationId === undefined ? params : { ...params, correlation_id: correlationId }
  Object.entries(all).forEach(([name, value]) => url.searchParams.set(name, value))
  res.redirect(303, url.href)
}

const unauthorized = (res: Response): void => void res.status(401).set('WWW-Authenticate', 'Basic realm="Discovery"')
  .json({ error: 'unauthorized', error_description: 'The credentials are missing or wrong' })

const invalid = (res: Response, description: string): void => void res.status(400).json({ error: 'invalid_request', error_description: description })
