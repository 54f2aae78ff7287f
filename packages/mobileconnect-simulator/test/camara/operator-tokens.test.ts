import { randomUUID } from 'node:crypto'
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, SignJWT, decodeJwt, type JWK } from 'jose'
import { BoundedMap } from '../../src/bounded-map.js'
import { OperatorTokens } from '../../src/camara/authorization/operator-tokens.js'
import type { CamaraContext } from '../../src/camara/tokens/context.js'
import { clockOf } from '../../src/clock.js'
import { digestOf } from '../../src/handsets/wallet.js'
import { newSigningKey } from '../../src/operator/keys.js'
import { ada, purpose, registered, signed } from '../support/camara-client.js'

const scope = 'number-verification:verify'
const vct = 'number-verification/verify/ts43'
const camara = { issuer: 'https://aggregator.example', clientId: 'x-client' }

/** What an operator token is put together from. A wallet gives all of it; another one may leave some out. */
interface Parts {
  readonly cnf?: boolean
  readonly vct?: string
  readonly nonce?: string | undefined
  readonly digest?: string
  readonly encrypted?: boolean
  readonly text?: string
}

/** The aggregator, with a key of ours in the place of the telephony's: so a token of any kind can be signed. */
async function aggregator(redeem: (value: string) => unknown = () => ({ digits: ada.slice(1) })) {
  const [telephony, device] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
  const client = { ...await registered(), clientId: camara.clientId } as never
  const publicJwk = await exportJWK(telephony.publicKey)
  const tokens = new OperatorTokens({
    ...camara, clock: clockOf(), clients: [client], seen: new BoundedMap<true>(), signingKey: newSigningKey,
    handsets: { wallet: { telephonyKey: async () => publicJwk }, lines: { redeem } },
  } as unknown as CamaraContext)

  const begin = async (nonce: string): Promise<JWK> => {
    const authorization = `Bearer ${await signed({ camara } as never, { aud: camara.issuer })}`
    const answers: any[] = []
    const res = { set: () => res, status: () => res, json: (body: unknown) => { answers.push(body) } }
    const req = { path: '/openid4vp/credentials', get: () => authorization, body: { nonce, scope: `${purpose} ${scope}` } }
    await tokens.begin(req as never, res as never, () => undefined)
    return decodeJwt<any>(answers[0].meta.credential_authorization_jwt).jwks.keys[0] as JWK
  }
  const present = async (parts: Parts = {}): Promise<string> => {
    const asked = `nonce-${randomUUID()}`
    const key = await importJWK(await begin(asked), 'ECDH-ES')
    const encrypted = await new CompactEncrypt(Buffer.from('temporary'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM' }).encrypt(key)
    const cnf = parts.cnf === false ? {} : { cnf: { jwk: await exportJWK(device.publicKey) } }
    const issued = await new SignJWT({ iss: 'Telephony', vct: parts.vct ?? vct, ...cnf })
      .setProtectedHeader({ alg: 'ES256' }).sign(telephony.privateKey)
    const bound = await new SignJWT({
      nonce: 'nonce' in parts ? parts.nonce : asked,
      sd_hash: parts.digest ?? digestOf(`${issued}~`),
      ...parts.encrypted !== false && { encrypted_credential: encrypted },
    }).setProtectedHeader({ alg: 'ES256' }).sign(device.privateKey)
    return parts.text ?? `${issued}~${bound}`
  }
  return { personOf: async (parts?: Parts) => tokens.personOf(client, [scope], await present(parts)) }
}

describe('An operator token', () => {
  it('an operator token that is whole names the person whose SIM vouches for it', async () => {
    const { personOf } = await aggregator((value) => (value === 'temporary' ? { digits: ada.slice(1) } : undefined))
    expect(await personOf()).toEqual({ digits: ada.slice(1), by: 'sim' })
  })

  it.each<[string, Parts]>([
    ['that names no key of the device', { cnf: false }],
    ['that is bound to no nonce', { nonce: undefined }],
    ['whose second part is of another first part', { digest: digestOf('another~') }],
    ['of another type than was asked for', { vct: 'number-verification/device-phone-number/ts43' }],
    ['that has no temporary token in it', { encrypted: false }],
    ['that has one part', { text: 'one' }],
    ['that is empty', { text: '' }],
  ])('an operator token %s names nobody, and redeems nothing', async (_, parts) => {
    const redeemed: string[] = []
    const { personOf } = await aggregator((value) => redeemed.push(value))
    expect([await personOf(parts), redeemed]).toEqual([undefined, []])
  })

  it('an operator token whose temporary token is worth nothing names nobody', async () => {
    const { personOf } = await aggregator(() => undefined)
    expect(await personOf()).toBeUndefined()
  })

  it('a fault of the simulator is not hidden as a refusal of an operator token', async () => {
    const { personOf } = await aggregator(() => { throw new RangeError('broken') })
    await expect(personOf()).rejects.toThrow(RangeError)
  })
})
