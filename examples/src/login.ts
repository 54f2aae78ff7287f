import { anyOf, multistep, passed, when } from 'multistep'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { Strategy as SmsOtpStrategy } from 'passport-sms-otp'
import type { SmsSender } from 'passport-sms-otp/senders'
import { Strategy as TotpStrategy } from 'passport-totp'
import { fromBase32, PERIOD } from './handset/authenticator.js'
import type { Stores } from './stores/stores.js'
import { asUser, maskPhone, type Users } from './users/users.js'

/** What proves a person, and what a login asks for. */
export function createLogin(users: Users, stores: Stores, sender: SmsSender, origin: string) {
  const passport = new Passport()
  passport.serializeUser((user, done) => done(null, asUser(user).id))
  passport.deserializeUser((id: string, done) => {
    users.byId(id).then((user) => done(null, user ?? false), done)
  })
  passport.use(localStrategy(users))
  passport.use(smsOtpStrategy(users, stores, sender, origin))
  passport.use(totpStrategy())

  return multistep(passport, {
    steps: [anyOf('local', 'sms-otp'), when(passed('local'), anyOf('totp', 'sms-otp'))],
    factors: {
      'sms-otp': { enroll: 'first', hint: (user) => { const { phone } = asUser(user); return phone && maskPhone(phone) } },
      totp: { enrolled: (user) => Boolean(asUser(user).totpKey) },
    },
    successRedirect: '/account',
    store: stores.flows,
  })
}

export type Login = ReturnType<typeof createLogin>

const localStrategy = (users: Users) =>
  new LocalStrategy((username, password, done) => {
    users.byPassword(username, password).then((user) => (user ? done(null, user) : done(null, false, { message: 'That user name or password is not right.' })), done)
  })

const smsOtpStrategy = (users: Users, { challenges, secrets }: Stores, sender: SmsSender, origin: string) =>
  new SmsOtpStrategy({
    sender,
    secret: secrets.otp,
    store: challenges,
    appName: 'Acme',
    origin,
    // Everybody's handset is here, and all of it comes from one address.
    ...sender.development ? { sendLimits: { phone: { '1h': 1000 }, ip: { '1h': 1000 } } } : {},
    mayText: async (phone) => (await users.byPhone(phone)) !== undefined,
    capture: { save: (user, phone) => users.givePhone(asUser(user).id, phone) },
  }, (phone) => users.byPhone(phone))

const totpStrategy = () =>
  new TotpStrategy({ window: 1 }, (user, done) => {
    const { totpKey } = asUser(user)
    if (totpKey === undefined) done(new Error('This person has no authenticator.'))
    else done(null, fromBase32(totpKey), PERIOD)
  })
