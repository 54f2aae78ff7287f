import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { SimulatorError, startSimulator, type Jwk, type Simulator } from 'mobileconnect-simulator'
import { promptsAt, type Prompts } from './prompts.js'

/** Where the simulated operators are, and what this app is known by there. */
export interface SimulatorAddress {
  readonly url: string
  readonly discovery: { readonly url: string, readonly clientId: string, readonly clientSecret: string }
  readonly issuers: readonly string[]
  /**
   * The private keys that sign ID tokens: what a process has fetched of the operators holds when another process runs
   * them. An earlier version kept none.
   */
  readonly keys?: readonly Jwk[]
}

export interface SimulatedOperators extends SimulatorAddress {
  readonly prompts: Prompts
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

async function newKey(): Promise<Jwk> {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 })
  return privateKey.export({ format: 'jwk' })
}

const newKeys = (): Promise<readonly Jwk[]> => Promise.all([newKey(), newKey()])

const start = ([north, south]: readonly Jwk[], port = 0): Promise<Simulator> =>
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
  })

const addressOf = ({ url, discovery, operators }: Simulator, keys: readonly Jwk[]): SimulatorAddress => ({
  url,
  discovery: { url: discovery.url, clientId: discovery.clientId, clientSecret: discovery.clientSecret },
  issuers: operators.map(({ issuer }) => issuer),
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
    // The port belongs to somebody else by now.
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
  close,
})

/** `undefined`: the port is taken, most likely by the simulator of another process. */
async function startAt({ url, keys }: SimulatorAddress): Promise<Simulator | undefined> {
  try {
    return await start(keys ?? await newKeys(), Number(new URL(url).port))
  } catch (error) {
    if (error instanceof SimulatorError && error.code === 'port_in_use') return undefined
    throw error
  }
}

const isThere = ({ url }: SimulatorAddress): Promise<boolean> => promptsAt(url).list().then(() => true, () => false)
