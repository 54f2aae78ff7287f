import { clockOf, type Clock } from './clock.js'
import { milliseconds } from '#internal/duration'
import { SimulatorError } from './errors.js'
import { secretOf, uuidOf } from './identifiers.js'
import { digitsOf, isMsisdn } from './msisdn.js'
import { checkOptionNames, requireText } from '#internal/option-checks'
import type {
  Jwk, Level, ClientAuth, OperatorOptions, SubscriberOptions, ClientOptions, CamaraOptions, SimulatorOptions,
} from './options.js'

/** What a client proves itself with at an operator, or at discovery. */
export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

export interface Operator {
  readonly id: string
  readonly mcc: string
  readonly mnc: string
  readonly name: string
  readonly levels: readonly Level[]
  readonly key: Jwk | undefined
}
export type Subscriber = SubscriberOptions & { readonly digits: string }
/** `key`: which of the clients it is. */
export type Client = ClientOptions & { readonly key: string, readonly clientAuth: ClientAuth }

export interface Camara {
  readonly singleUse: boolean
  /** Days. */
  readonly monitoredPeriod: number | undefined
}

export interface Configuration {
  readonly operators: readonly Operator[]
  readonly subscribers: Subscriber[]
  readonly clients: readonly Client[]
  readonly port: number
  readonly clock: Clock
  readonly patience: number
  readonly interval: number
  readonly camara: Camara
}

const defaultOperators: readonly OperatorOptions[] = [
  { id: 'a', mcc: '001', mnc: '01' },
  { id: 'b', mcc: '001', mnc: '02' },
]

// Ofcom keeps 07700 900000 to 900999 free for fiction.
const defaultSubscribers = (operators: readonly Operator[]): SubscriberOptions[] => {
  const [first, second] = [operators[0]?.id ?? '', operators[1]?.id ?? operators[0]?.id ?? '']
  return [
    { msisdn: '+447700900001', operator: first, pin: '1234' },
    { msisdn: '+447700900002', operator: second, pin: '1234' },
    { msisdn: '+447700900003', operator: first },
  ]
}

/** @throws TypeError for what cannot work, with what to write instead. */
export function readConfiguration(options: SimulatorOptions = {}): Configuration {
  checkOptionNames('startSimulator', options, [
    'operators',
    'subscribers',
    'clients',
    'port',
    'now',
    'patience',
    'interval',
    'camara',
    'production',
  ])
  if (process.env.NODE_ENV === 'production' && options.production !== true) {
    throw new SimulatorError(
      'production',
      'The simulator lets anybody log in as anybody. It does not run under NODE_ENV=production, unless you give it production: true.',
    )
  }
  const operators = requireList(
    'operators',
    options.operators ?? defaultOperators,
    '[{ id: \'a\', mcc: \'001\', mnc: \'01\' }]',
  ).map(checkOperator)
  requireDistinct('The ids of operators', operators.map(({ id }) => id))
  requireDistinct('The networks (mcc, mnc) of operators', operators.map(({ mcc, mnc }) => `${mcc}_${mnc}`))
  const subscribers = (options.subscribers ?? defaultSubscribers(operators)).map((subscriber) =>
    checkSubscriber(subscriber, operators),
  )
  requireDistinct('The numbers of subscribers', subscribers.map(({ digits }) => digits))
  return {
    operators,
    subscribers,
    clients: requireList(
      'clients',
      options.clients ?? [{}],
      '[{ redirectUris: [\'http://localhost:3000/callback\'] }]',
    ).map(checkClient),
    port: options.port ?? 0,
    clock: clockOf(options.now),
    patience: milliseconds('patience', options.patience ?? '2m'),
    interval: milliseconds('interval', options.interval ?? '2s'),
    camara: readCamara(options.camara),
  }
}

const DAY = 24 * 3_600_000

function readCamara(options: CamaraOptions = {}): Camara {
  checkOptionNames('camara', options, ['singleUse', 'monitoredPeriod'])
  const { singleUse = true, monitoredPeriod } = options
  const period = monitoredPeriod === undefined ? undefined : milliseconds('monitoredPeriod', monitoredPeriod) / DAY
  if (period !== undefined && (!Number.isInteger(period) || period < 1)) {
    throw new TypeError(`monitoredPeriod is whole days, such as '120d', not ${monitoredPeriod}.`)
  }
  return { singleUse, monitoredPeriod: period }
}

const takenPaths = ['assets', 'camara', 'handsets', 'v2']

function checkOperator(options: OperatorOptions): Operator {
  checkOptionNames('An operator', options, ['id', 'mcc', 'mnc', 'name', 'levels', 'key'])
  const { id, mcc, mnc, levels = [2, 3], key } = options
  if (!/^[a-z0-9][a-z0-9-]*$/.test(requireText('The id of an operator', id)) || takenPaths.includes(id)) {
    throw new TypeError(
      `The id of an operator is part of its address: lower-case letters, digits and -, and none of ${takenPaths.join(', ')}; not ${id}.`,
    )
  }
  if (!/^\d{3}$/.test(mcc) || !/^\d{2,3}$/.test(mnc)) { throw new TypeError(`Operator ${id} needs mcc (3 digits) and mnc (2 or 3 digits), as texts.`) }
  return {
    id,
    mcc,
    mnc,
    levels: requireList('levels', levels, '[2, 3]'),
    key,
    name: options.name ?? `Operator ${id.toUpperCase()}`,
  }
}

export function checkSubscriber(options: SubscriberOptions, operators: readonly Operator[]): Subscriber {
  checkOptionNames('A subscriber', options, ['msisdn', 'operator', 'pin', 'activated', 'networkApis'])
  const digits = digitsOf(requireText('The msisdn of a subscriber', options.msisdn))
  if (!isMsisdn(digits)) { throw new TypeError(`A subscriber's msisdn is international, such as '+447700900001', not ${options.msisdn}.`) }
  if (!operators.some(({ id }) => id === options.operator)) {
    throw new TypeError(
      `Subscriber ${options.msisdn} names the operator ${options.operator}, and there is none of that id.`,
    )
  }
  return { ...options, digits }
}

function checkClient(options: ClientOptions, index: number): Client {
  checkOptionNames('A client', options, ['redirectUris', 'name', 'clientAuth', 'jwks', 'purposes', 'signedRequestsOnly'])
  const { redirectUris, clientAuth = 'basic-raw', jwks, signedRequestsOnly } = options
  const wrong = redirectUris?.find((uri) => !URL.canParse(uri))
  if (wrong !== undefined) throw new TypeError(`redirectUris are whole URLs, not ${wrong}.`)
  if (!['basic-raw', 'basic', 'post', 'private_key_jwt'].includes(clientAuth)) { throw new TypeError(`clientAuth is 'basic-raw', 'basic', 'post' or 'private_key_jwt', not ${clientAuth}.`) }
  if (clientAuth === 'private_key_jwt' && !jwks) { throw new TypeError('clientAuth \'private_key_jwt\' needs the public keys of the client: jwks: { keys: [...] }.') }
  if (signedRequestsOnly === true && !jwks) { throw new TypeError('signedRequestsOnly needs the public keys of the client: jwks: { keys: [...] }.') }
  return { ...options, clientAuth, key: String(index + 1) }
}

/** What a client is known by at one operator, or at discovery: the same in every run. */
export const credentialsAt = (holder: string, { key }: Client): Credentials => ({
  clientId: `x-${uuidOf('client', holder, key)}`,
  clientSecret: secretOf(key, holder),
})

/** @throws TypeError for anything but a list with something in it. */
function requireList<Entry>(option: string, value: readonly Entry[], example: string): readonly Entry[] {
  if (!Array.isArray(value) || value.length === 0) throw new TypeError(`${option} is a list such as ${example}.`)
  return value as readonly Entry[]
}

/** @throws TypeError for the first value that is there twice. */
function requireDistinct(option: string, values: readonly string[]): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index)
  if (twice !== undefined) throw new TypeError(`${option} must differ, and ${twice} is there twice.`)
}
