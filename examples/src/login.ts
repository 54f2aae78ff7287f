import { anyOf, multistep, passed, when, type Render } from 'multistep'
import { RecoveryCodeStrategy } from 'multistep/recovery-codes'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import { simSwapCheck } from 'passport-sms-otp/checks'
import type { SmsSender } from 'passport-sms-otp/senders'
import { Strategy as TotpStrategy } from 'passport-totp'
import { fromBase32, PERIOD } from './handset/authenticator.js'
import { mobileConnectStrategy, type OperatorCredentials } from './mobile-connect/strategy.js'
import type { SimulatorAddress } from './mobile-connect/simulator.js'
import { numberVerificationStrategy } from './network/number-verification.js'
import { SIM_IS_NEW, simIsNewAt, simSwaps, type SimIsNew } from './network/sim-swaps.js'
import type { Stores } from './stores/stores.js'
import { asUser, maskPhone, type Users } from './users/users.js'

export interface LoginOptions {
  readonly users: Users
  readonly stores: Stores
  readonly sender: SmsSender
  /** ISO 3166 regions; a real sender must be told. */
  readonly countries: readonly string[] | undefined
  /** Of this app, as browsers see it. */
  readonly url: string
  /** None: nobody can log in by Mobile Connect. */
  readonly operators: OperatorCredentials | SimulatorAddress | undefined
  readonly levelOfAssurance: number
  /** Draws the pages of the login. Default: as they come, with the name of the app. */
  readonly render?: Render | undefined
}

/** What proves a person, and what a login asks for. */
export function createLogin(options: LoginOptions) {
  const { users, stores, sender, countries, url, operators, levelOfAssurance, render } = options
  const passport = new Passport()
  passport.serializeUser((user, done) => done(null, asUser(user).id))
  passport.deserializeUser((id: string, done) => {
    users.byId(id).then((user) => done(null, user ?? false), done)
  })
  const simulated = operators && 'network' in operators ? operators : undefined
  const simIsNew: SimIsNew = simulated ? simIsNewAt(simulated) : async () => false
  const texts = smsOtpStrategy({ users, stores, sender, countries, url, simulated })
  const recovery = new RecoveryCodeStrategy({ store: stores.recoveryCodes })
  passport.use(localStrategy(users)).use(texts).use(totpStrategy()).use(recovery)
  if (operators) {
    passport.use(
      mobileConnectStrategy(users, { operators, levelOfAssurance, store: stores.transactions, url, simIsNew }),
    )
  }
  if (simulated) {
    passport.use(numberVerificationStrategy({ operators: simulated, store: stores.numberTransactions, url }))
  }

  const phone = operators ? (['sms-otp', 'mobileconnect'] as const) : (['sms-otp'] as const)
  // The network is asked first, and silently. Where it cannot say, the text behind it leaves by itself.
  const silent = simulated ? (['number-verification'] as const) : []
  const login = multistep(passport, {
    steps: [anyOf('local', ...phone), when(passed('local'), anyOf(...silent, ...phone, 'totp', 'recovery-code'))],
    factors: {
      'sms-otp': { enroll: 'first', hint: phoneHint },
      ...(simulated && { 'number-verification': { hint: phoneHint } }),
      // A thief who has talked the operator into a new SIM card would be asked on it.
      ...(operators && {
        mobileconnect: { hint: phoneHint, enrolled: async (user) => hasOldSim(asUser(user).phone, simIsNew) },
      }),
      totp: { enrolled: (user) => Boolean(asUser(user).totpKey) },
      'recovery-code': { enrolled: async (user) => (await recovery.remaining(user)) > 0 },
    },
    remember: { for: '30d', skips: ['sms-otp', 'totp'], fingerprint: (user) => users.fingerprint(asUser(user).id) },
    successRedirect: '/account',
    store: stores.flows,
    messages: {
      fields: { payee: 'Payee', amount: 'Amount' },
      problems: { send_refused: 'The SIM card of your number is new, so we text no code to it. Confirm in another way.' },
    },
    pages: { name: 'Acme', logo: '/icon.svg', account: (user) => asUser(user).id },
    ...(render && { render }),
  })
  return {
    login,
    otp: texts.otp,
    recovery,
    hasMobileConnect: operators !== undefined,
    /** What confirms a transfer. */
    confirmation: anyOf('totp', ...phone),
  }
}

export type LoginParts = ReturnType<typeof createLogin>
export type Login = LoginParts['login']

const phoneHint = (user: Express.User): string | undefined => {
  const { phone } = asUser(user)
  return phone && maskPhone(phone)
}

const hasOldSim = async (phone: string | undefined, simIsNew: SimIsNew): Promise<boolean> =>
  phone !== undefined && !(await simIsNew(phone))

const localStrategy = (users: Users) =>
  new LocalStrategy((username, password, done) => {
    users
      .byPassword(username, password)
      .then(
        (user) =>
          user ? done(null, user) : done(null, false, { message: 'That user name or password is not right.' }),
        done,
      )
  })

const smsOtpStrategy = ({
  users,
  stores: { challenges, secrets },
  sender,
  countries,
  url,
  simulated,
}: Pick<LoginOptions, 'users' | 'stores' | 'sender' | 'countries' | 'url'> & { simulated: SimulatorAddress | undefined }) =>
  new SmsOtpStrategy(
    {
      sender,
      secret: secrets.otp,
      store: challenges,
      ...(countries && { countries }),
      appName: 'Acme',
      trace: true,
      origin: new URL(url).hostname,
      ...(sender.development && virtualPhones),
      ...(simulated && { checks: { simSwap: swapCheck(simulated) } }),
      mayText: async (phone) => (await users.byPhone(phone)) !== undefined,
      capture: { save: (user, phone) => users.givePhone(asUser(user).id, phone) },
    },
    (phone) => users.byPhone(phone),
  )

/** All virtual phones are here, everything comes from one address, and people try one thing after another. */
const virtualPhones = {
  // Whom no text reaches can be called.
  channels: ['sms', 'voice'],
  expectDelivery: '6s',
  delays: ['10s', '20s'],
  sendLimits: { phone: { '1h': 1000 }, ip: { '1h': 1000 } },
  channelLimits: { voice: { phone: { '1h': 1000 } } },
} as const

/** No text goes to a SIM card that a thief may just have talked the operator into. */
const swapCheck = (operators: SimulatorAddress) =>
  simSwapCheck({
    provider: simSwaps(operators),
    maxAge: SIM_IS_NEW,
    // The card may be swapped at any moment on the virtual phone, and only two numbers have a simulated operator.
    cache: '0s',
    onUnknown: 'allow',
    limits: {},
  })

const totpStrategy = () =>
  new TotpStrategy({ window: 1 }, (user, done) => {
    const { totpKey } = asUser(user)
    if (totpKey === undefined) done(new Error('This person has no authenticator.'))
    else done(null, fromBase32(totpKey), PERIOD)
  })
