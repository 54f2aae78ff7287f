import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { ClientOptions, OperatorOptions, SimulatorOptions, SubscriberOptions } from './options.js'
import type { Simulator } from './simulator.js'

export const help = `mobileconnect-simulator: mobile operators, GSMA discovery and handsets on 127.0.0.1

  --port 4000                          where it listens
  --operator a=234-15 ["a=234-15=Name"]  an operator: its id, mcc-mnc and name; may be repeated
  --subscriber +447700900001=a[=1234]  a subscriber: number, operator and PIN; may be repeated
  --redirect-uri http://…              what the client may return to; may be repeated (any on loopback, if left out)
  --jwks keys.json                     the client's public keys (a JWK set), which CAMARA's server needs
  --production                         runs under NODE_ENV=production too
  --help
`

const argumentNames = {
  port: { type: 'string', default: '4000' },
  operator: { type: 'string', multiple: true },
  subscriber: { type: 'string', multiple: true },
  'redirect-uri': { type: 'string', multiple: true },
  jwks: { type: 'string' },
  production: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** @throws TypeError for an argument that cannot be read, with how to write it. */
export function optionsOf(args: readonly string[]): SimulatorOptions | 'help' {
  const { values } = parseArgs({ args: [...args], options: argumentNames })
  if (values.help) return 'help'
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`--port is a number up to 65535, not ${values.port}.`)
  }
  const { 'redirect-uri': redirectUris, jwks } = values
  const client = { ...redirectUris && { redirectUris }, ...jwks !== undefined && { jwks: jwksArgument(jwks) } }
  return {
    port, operators: values.operator?.map(operatorArgument), subscribers: values.subscriber?.map(subscriberArgument),
    clients: [client], production: values.production,
  }
}

function jwksArgument(file: string): NonNullable<ClientOptions['jwks']> {
  try {
    const { keys } = JSON.parse(readFileSync(file, 'utf8')) as Partial<NonNullable<ClientOptions['jwks']>>
    if (Array.isArray(keys)) return { keys }
  } catch (cause) {
    throw new TypeError(`--jwks names a file with a JWK set, and ${file} cannot be read as one.`, { cause })
  }
  throw new TypeError(`--jwks names a file with a JWK set, { "keys": [...] }, and ${file} has no keys.`)
}

function operatorArgument(text: string): OperatorOptions {
  const [, id = '', mcc = '', mnc = '', name] = /^([^=]+)=(\d{3})-(\d{2,3})(?:=(.+))?$/.exec(text) ?? []
  if (id === '') throw new TypeError(`--operator is written a=234-15, not ${text}.`)
  return { id, mcc, mnc, name }
}

function subscriberArgument(text: string): SubscriberOptions {
  const [, msisdn = '', operator = '', pin] = /^([^=]+)=([^=]+)(?:=(.+))?$/.exec(text) ?? []
  if (msisdn === '') {
    throw new TypeError(`--subscriber is written +447700900001=a or +447700900001=a=1234, not ${text}.`)
  }
  return { msisdn, operator, pin }
}

/** The text that the command prints when the simulator has started. */
export const announcement = ({ url, operators, discovery, camara, handsets }: Simulator): string =>
  [
    `Overview   ${url}/`,
    `Handsets   ${url}/handsets/`,
    ...operators.flatMap(({ name, issuer, clientId, clientSecret }) => [
      '',
      name,
      `  issuer        ${issuer}`,
      ...credentials(clientId, clientSecret),
    ]),
    '',
    'Discovery',
    `  url           ${discovery.url}`,
    ...credentials(discovery.clientId, discovery.clientSecret),
    '',
    'CAMARA',
    `  issuer        ${camara.issuer}`,
    `  API root      ${camara.apiRoot}`,
    `  client id     ${camara.clientId}`,
    '',
    'Subscribers',
    ...handsets.subscribers.map(
      ({ msisdn, operator, pin }) =>
        `  ${msisdn}   operator ${operator}, ${pin === undefined ? 'no PIN' : `PIN ${pin}`}`,
    ),
    '',
  ].join('\n')

const credentials = (clientId: string, clientSecret: string): string[] => [
  `  client id     ${clientId}`,
  `  client secret ${clientSecret}`,
]
