import { createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { SimulatorError, startSimulator, type Jwk, type Simulator } from 'mobileconnect-simulator'
import { linesAt, type Lines } from '../network/lines.js'
import { promptsAt, type Prompts } from './prompts.js'

/** Where the simulated operators are, and what this app is known by there. */
export interface SimulatorAddress {
  readonly url: string
  readonly discovery: { readonly url: string, readonly clientId: string, readonly clientSecret: string }
  readonly issuers: readonly string[]
  readonly network: NetworkAddress
  /** All processes have the same, so what one of them has fetched of the operators holds when another runs them. */
  readonly keys: SimulatorKeys
}

/** Where the network APIs of the operators are (CAMARA). */
export interface NetworkAddress {
  readonly issuer: string
  readonly apiRoot: string
  readonly clientId: string
}

/** Private keys. */
export interface SimulatorKeys {
  /** The keys of the two operators sign ID tokens. */
  readonly north: Jwk
  readonly south: Jwk
  /** This app's own, as PEM, proves it to the network APIs. */
  readonly app: string
}

export interface SimulatedOperators extends SimulatorAddress {
  readonly prompts: Prompts
  readonly lines: Lines
  close(): Promise<void>
}

/**
 * Keeps the address of the first simulator for all processes. Without Redis there is one process, and none is needed.
 */
export interface SimulatorRegister {
  /** The address that holds from now on: this one, or an earlier one. */
  claim(address: SimulatorAddress): Promise<SimulatorAddress>
  replace(address: SimulatorAddress): Promise<void>
}

const generate = promisify(generateKeyPair)

const newKey = async () => (await generate('rsa', { modulusLength: 2048 })).privateKey

async function newKeys(): Promise<SimulatorKeys> {
  const [north, south, app] = await Promise.all([newKey(), newKey(), newKey()])
  return {
    north: north.export({ format: 'jwk' }),
    south: south.export({ format: 'jwk' }),
    app: app.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}

const start = ({ north, south, app }: SimulatorKeys, port = 0): Promise<Simulator> =>
  startSimulator({
    port,
    operators: [
      { id: 'north', mcc: '001', mnc: '01', name: 'Northern Mobile', key: north },
      { id: 'south', mcc: '001', mnc: '02', name: 'Southern Mobile', key: south },
    ],
    subscribers: [
      { msisdn: '+447400123456', operator: 'north', pin: '1815' },
      { msisdn: '+447400123499', operator: 'south', pin: '1906' },
    ],
    clients: [{ jwks: { keys: [{ ...createPublicKey(app).export({ format: 'jwk' }) }] } }],
  })

const addressOf = ({ url, discovery, operators, camara }: Simulator, keys: SimulatorKeys): SimulatorAddress => ({
  url,
  discovery: { url: discovery.url, clientId: discovery.clientId, clientSecret: discovery.clientSecret },
  issuers: operators.map(({ issuer }) => issuer),
  network: { issuer: camara.issuer, apiRoot: camara.apiRoot, clientId: camara.clientId },
  keys,
})

/**
 * The operators of all processes: whichever of them has the port runs them, and when it ends another one takes over.
 * Credentials, subjects and keys are the same in every run, so nobody else needs to know.
 */
export async function simulatedOperators(register?: SimulatorRegister): Promise<SimulatedOperators> {
  const keys = await newKeys()
  let own: Simulator | undefined = await start(keys)
  const address = await register?.claim(addressOf(own, keys)) ?? addressOf(own, keys)
  if (address.url === own.url) return operatorsAt(address, async () => own?.close())

  await own.close()
  own = await startAt(address)
  if (!own && !(await isThere(address))) {
    // The port belongs to another program by now.
    own = await start(keys)
    const anew = addressOf(own, keys)
    await register?.replace(anew)
    return operatorsAt(anew, async () => own?.close())
  }
  let looking: Promise<void> = Promise.resolve()
  const look = async () => { own ??= await startAt(address) }
  const timer = setInterval(() => { looking = looking.then(look) }, 1000).unref()
  return operatorsAt(address, async () => {
    clearInterval(timer)
    await looking
    await own?.close()
  })
}

const operatorsAt = (address: SimulatorAddress, close: () => Promise<void>): SimulatedOperators => ({
  ...address,
  prompts: promptsAt(address.url),
  lines: linesAt(address.url),
  close,
})

/** `undefined`: the port is taken, most likely by the simulator of another process. */
async function startAt({ url, keys }: SimulatorAddress): Promise<Simulator | undefined> {
  try {
    return await start(keys, Number(new URL(url).port))
  } catch (error) {
    if (error instanceof SimulatorError && error.code === 'port_in_use') return undefined
    throw error
  }
}

const isThere = ({ url }: SimulatorAddress): Promise<boolean> => promptsAt(url).list().then(() => true, () => false)
