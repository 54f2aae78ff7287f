import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import twilio from 'twilio'
import type { Simulator } from 'mobileconnect-simulator'
import type { StrategyOptions } from 'passport-number-verification'
import { firebasePhoneNumber } from 'passport-number-verification/firebase'
import { twilioSilent } from 'passport-number-verification/twilio'
import { vonageSilent } from 'passport-number-verification/vonage'
import { bob, providerOf } from './app.js'
import { startFake, startFirebase } from './published-fakes.js'

export type Fields = Readonly<Record<string, string>>

/** A flow of a provider, with the phones that it knows. */
export interface Flow {
  readonly options: Pick<StrategyOptions, 'provider' | 'via'>
  /** What a phone with this SIM gets by the address that a login was told, for the callback beside `state`. */
  readonly answerOf: (told: URL, msisdn: string) => Promise<Fields>
  /** What a phone gets that the network does not know: nothing at all, or an error of the operator. */
  readonly nothingOf?: (told: URL) => Promise<Fields>
  /** Requests that cost money so far. */
  readonly paid: () => number
  readonly close: () => Promise<void>
}

const opened = (told: URL): string => decodeURIComponent(told.hash.slice('#app='.length))
const nothing = async () => undefined

async function redirectedTo(told: URL, headers: Readonly<Record<string, string>>): Promise<Fields> {
  const answer = await fetch(told, { headers, redirect: 'manual' })
  const fields = new URL(answer.headers.get('location')!).searchParams
  fields.delete('state')
  return Object.fromEntries(fields)
}

function onWifi(sim: Simulator) {
  const handset = sim.handset(bob)
  handset.network('wifi')
  return handset
}

/** The authorization code flow: the operator knows the phone that a browser runs on. */
const network = async (sim: Simulator): Promise<Flow> => ({
  options: { provider: providerOf(sim) },
  answerOf: async (told, msisdn) => redirectedTo(told, sim.handset(msisdn).headers),
  nothingOf: async (told) => redirectedTo(told, onWifi(sim).headers),
  paid: () => sim.camara.requests('token') + sim.camara.requests('verify'),
  close: nothing,
})

const wallet = async (sim: Simulator): Promise<Flow> => ({
  options: { provider: providerOf(sim), via: ['operator-token'] },
  answerOf: async (told, msisdn) => {
    const request = JSON.parse(decodeURIComponent(told.hash.slice('#digital-credential='.length)))
    const { data } = await sim.handset(msisdn).present(request, { origin: told.origin })
    return { vp_token: Object.values(data.vp_token)[0]![0]! }
  },
  paid: () => sim.camara.requests('credentials') + sim.camara.requests('token') + sim.camara.requests('verify'),
  close: nothing,
})

const simToken = (appTokens: 'ciba' | 'jwt-bearer') => async (sim: Simulator): Promise<Flow> => ({
  options: { provider: providerOf(sim, { appTokens }), via: ['app'] },
  answerOf: async (_, msisdn) => ({ app_proof: sim.handset(msisdn).operatorToken() }),
  paid: () => sim.camara.requests('backchannel') + sim.camara.requests('token') + sim.camara.requests('verify'),
  close: nothing,
})

async function firebase(): Promise<Flow> {
  const { base, token, close } = await startFirebase()
  return {
    options: { provider: firebasePhoneNumber({ projectNumber: '123456789', keys: base }), via: ['app'] },
    answerOf: async (_, msisdn) => ({ app_proof: await token(msisdn, { jti: randomUUID() }) }),
    // Google takes its money from the phone's SDK, and this server asks for keys alone.
    paid: () => 0,
    close,
  }
}

interface Verification { readonly to: string, sim?: string, token?: string }

/** The real SDK, and Twilio's Verify service in loopback, with a token for each phone that opens an address. */
async function twilioSna(): Promise<Flow> {
  const verifications = new Map<string, Verification>()
  const fake = await startFake(({ path, body }) => {
    if (path.endsWith('/Verifications')) {
      const sid = `VE${randomBytes(16).toString('hex')}`
      verifications.set(sid, { to: body.To })
      return [201, { sid, to: body.To, channel: 'sna', status: 'pending', sna: { url: `https://mi.dnlsrv.com/m/id/${sid}` } }]
    }
    const sid = body.VerificationSid as string
    const one = verifications.get(sid)
    if (!one) return [404, { status: 404, code: 20404, message: 'not found' }]
    const isKnown = one.token !== undefined && one.token === body.SnaClientToken
    if (!isKnown) return [201, { sid, to: one.to, channel: 'sna', status: 'pending', sna_attempts_error_codes: [60519] }]
    if (one.sim !== one.to) return [201, { sid, to: one.to, channel: 'sna', status: 'pending', sna_attempts_error_codes: [60500] }]
    verifications.delete(sid)
    return [201, { sid, to: one.to, channel: 'sna', status: 'approved', sna_attempts_error_codes: [] }]
  })
  const client = twilio(`AC${'0'.repeat(32)}`, 'token')
  client.verify.baseUrl = fake.base
  return {
    options: { provider: twilioSilent({ client, serviceSid: `VA${'0'.repeat(32)}` }), via: ['app'] },
    answerOf: async (told, msisdn) => {
      const one = verifications.get(opened(told).split('/').at(-1)!)!
      one.sim = msisdn
      one.token = randomUUID()
      return { app_proof: one.token }
    },
    paid: () => fake.asked.length,
    close: fake.close,
  }
}

/** Vonage's Verify v2 in loopback: only a phone with the SIM that was asked for gets the code. */
async function vonage(): Promise<Flow> {
  const requests = new Map<string, { readonly to: string, readonly code: string }>()
  const fake = await startFake(({ path, body }) => {
    if (path === '/v2/verify') {
      const id = randomUUID()
      requests.set(id, { to: `+${body.workflow[0].to}`, code: randomBytes(6).toString('base64url') })
      return [202, { request_id: id, check_url: `https://api.nexmo.com/v2/verify/${id}/silent-auth/redirect` }]
    }
    const id = path.split('/').at(-1)!
    const one = requests.get(id)
    if (!one) return [404, { title: 'Not Found' }]
    if (body.code !== one.code) return [400, { title: 'Invalid Code' }]
    requests.delete(id)
    return [200, { request_id: id, status: 'completed' }]
  })
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const provider = vonageSilent({ applicationId: 'app', clientKey: { key: privateKey }, brand: 'Acme', apiRoot: fake.base })
  return {
    options: { provider, via: ['app'] },
    answerOf: async (told, msisdn) => {
      const { to, code } = requests.get(opened(told).split('/').at(-3)!)!
      return { app_proof: to === msisdn ? code : 'no-code-for-this-phone' }
    },
    paid: () => fake.asked.length,
    close: fake.close,
  }
}

interface KnownFlow {
  /** What a phone gets is worth nothing in another login. */
  readonly isBound: boolean
  readonly start: (sim: Simulator) => Promise<Flow>
}

/** Each flow of each provider. */
export const flows: Readonly<Record<string, KnownFlow>> = {
  'CAMARA\'s code flow': { isBound: true, start: network },
  'an operator token of the wallet': { isBound: true, start: wallet },
  'a SIM\'s token by CIBA': { isBound: false, start: simToken('ciba') },
  'a SIM\'s token by JWT-bearer': { isBound: false, start: simToken('jwt-bearer') },
  firebasePhoneNumber: { isBound: false, start: firebase },
  twilioSilent: { isBound: true, start: twilioSna },
  vonageSilent: { isBound: true, start: vonage },
}
