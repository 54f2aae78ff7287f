/**
 * Runs before each test file, and before the app in processes that tests start. Password hashes and RSA keys are slow by design, and the suite
 * makes thousands of them. Here a hash costs next to nothing, and 2048-bit RSA keys come from a few that the first run makes and leaves in the
 * folder `TEST_KEYS`. Everything else of `node:crypto` is as it is.
 *
 * A test of the cost itself asks `costOfHashes()` what the code under test wanted.
 */
import crypto, { type KeyPairKeyObjectResult, type ScryptOptions } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'

interface Own {
  readonly scrypt: typeof crypto.scrypt
  readonly generateKeyPair: typeof crypto.generateKeyPair
  readonly generateKeyPairSync: typeof crypto.generateKeyPairSync
  readonly keys: KeyPairKeyObjectResult[]
  readonly costs: ScryptOptions[]
  taken: number
}

/** Enough for two operators, their next keys, and the keys of a forger, all different. */
const DIFFERENT_KEYS = 8

// Test files have a registry of modules each, but `node:crypto` is the same object for all files of a worker.
const kept = Symbol.for('cheap-crypto')
const whole = crypto as unknown as Record<symbol, Own | undefined>
const own = whole[kept] ??= {
  scrypt: crypto.scrypt, generateKeyPair: crypto.generateKeyPair, generateKeyPairSync: crypto.generateKeyPairSync, keys: [], costs: [], taken: 0,
}
own.costs.length = 0

/** The cost of each scrypt hash that this test file has asked for. */
export const costOfHashes = (): readonly ScryptOptions[] => own.costs

type Call = (...args: any[]) => any

const scrypt: Call = (password, salt, length, ...rest) => {
  const [options, done] = rest.length > 1 ? rest : [{}, rest[0]]
  own.costs.push(options)
  own.scrypt(password, salt, length, { N: 2, r: 1, p: 1 }, done)
}

const isUsual = (type: string, options: object): boolean =>
  type === 'rsa' && JSON.stringify(options) === '{"modulusLength":2048}'

function nextPair(): KeyPairKeyObjectResult {
  own.taken += 1
  const index = own.taken % DIFFERENT_KEYS
  return own.keys[index] ??= keptPair(index) ?? own.generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** The pair of this number, made by the first process that asks for it. Of two that make one at once each reads what is there in the end. */
function keptPair(index: number): KeyPairKeyObjectResult | undefined {
  const folder = process.env.TEST_KEYS
  if (folder === undefined) return undefined
  const file = join(folder, `${index}.pem`)
  if (!existsSync(file)) {
    const pem = own.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    const draft = `${file}.${process.pid}`
    mkdirSync(folder, { recursive: true })
    writeFileSync(draft, pem, { mode: 0o600 })
    renameSync(draft, file)
  }
  const privateKey = crypto.createPrivateKey(readFileSync(file))
  return { privateKey, publicKey: crypto.createPublicKey(privateKey) }
}

const generateKeyPairSync: Call = (type, options) => (isUsual(type, options) ? nextPair() : (own.generateKeyPairSync as Call)(type, options))

const generateKeyPair: Call = (type, options, done) => {
  if (!isUsual(type, options)) return (own.generateKeyPair as Call)(type, options, done)
  const { publicKey, privateKey } = nextPair()
  setImmediate(() => { done(null, publicKey, privateKey) })
}
const promised: Call = async (type, options) => (isUsual(type, options) ? nextPair() : promisify(own.generateKeyPair as Call)(type, options))
Object.defineProperty(generateKeyPair, promisify.custom, { value: promised })

Object.assign(crypto, { scrypt, generateKeyPair, generateKeyPairSync })
syncBuiltinESMExports()
