import { randomBytes } from 'node:crypto'
import { AppError } from '../errors.js'
import { accounts, type Account } from './accounts.js'
import type { Links } from './links.js'
import type { Numbers } from './numbers.js'
import { hashPassword, isPassword } from './passwords.js'

/** Who `req.user` is. */
export interface User {
  readonly id: string
  readonly phone?: string
  readonly totpKey?: string
}

export interface Users {
  byId(id: string): Promise<User | undefined>
  byPhone(phone: string): Promise<User | undefined>
  /** Takes as long for a name that nobody has. */
  byPassword(name: string, password: string): Promise<User | undefined>
  /** @throws Error with a sentence for the person, when the number cannot be theirs. */
  givePhone(id: string, phone: string): Promise<void>
  /** In the place of an earlier one. @throws Error as `givePhone`. */
  changePhone(id: string, phone: string): Promise<void>
  /** `phone`: when the operator tells it. */
  byMobileConnect(issuer: string, sub: string, phone: string | undefined): Promise<User | undefined>
  /** What this person is called at this operator. */
  mobileConnectSubs(id: string, issuer: string): Promise<string[]>
  linkMobileConnect(id: string, issuer: string, sub: string): Promise<void>
  /** Another one as soon as the password or a second factor is another. */
  fingerprint(id: string): Promise<string>
}

export interface UsersOptions {
  readonly numbers: Numbers
  readonly links: Links
  /** Whether ada has her number: nobody should text a stranger. */
  readonly withPhones: boolean
}

/** Passport types the user who is logged in as `Express.User`; here it is always one of ours. */
export const asUser = (user: Express.User): User => user as User

const byName = new Map(accounts.map((account) => [account.id, account]))

const hashAll = async () => ({
  hashes: new Map(
    await Promise.all(accounts.map(async ({ id, password }) => [id, await hashPassword(password)] as const)),
  ),
  nobody: await hashPassword(randomBytes(16).toString('hex')),
})

// Once for each process, and early: it takes a while, as it should.
const hashed = hashAll()

export function createUsers({ numbers, links, withPhones }: UsersOptions): Users {
  const phoneOf = async ({ id, phone }: Account) => await numbers.of(id) ?? (withPhones ? phone : undefined)
  const userOf = async (account: Account): Promise<User> => {
    const { id, totpKey } = account
    const phone = await phoneOf(account)
    return { id, ...(phone === undefined ? {} : { phone }), ...(totpKey === undefined ? {} : { totpKey }) }
  }
  const find = async (account: Account | undefined) => account && userOf(account)
  const byPhone = async (phone: string) => {
    const given = byName.get(await numbers.owner(phone) ?? '')
    if (given) return userOf(given)
    const user = await find(accounts.find((account) => account.phone === phone))
    // It may be the number that they had before.
    return user?.phone === phone ? user : undefined
  }
  const isFree = (id: string, phone: string) =>
    !accounts.some((account) => account.phone === phone && account.id !== id)

  return {
    byId: (id) => find(byName.get(id)),
    byPhone,
    byPassword: async (name, password) => {
      const id = name.trim().toLowerCase()
      const { hashes, nobody } = await hashed
      const right = await isPassword(password, hashes.get(id) ?? nobody)
      return right ? find(byName.get(id)) : undefined
    },
    givePhone: async (id, phone) => {
      if (!isFree(id, phone) || !(await numbers.claim(id, phone))) throw taken()
    },
    changePhone: async (id, phone) => {
      if (!isFree(id, phone) || !(await numbers.change(id, phone))) throw taken()
      await links.removeAll(id)
    },
    byMobileConnect: async (issuer, sub, phone) => {
      const linked = await find(byName.get(await links.owner(issuer, sub) ?? ''))
      if (!linked) return phone === undefined ? undefined : byPhone(phone)
      return phone === undefined || phone === linked.phone ? linked : undefined
    },
    mobileConnectSubs: (id, issuer) => links.subs(id, issuer),
    linkMobileConnect: (id, issuer, sub) => links.add(id, issuer, sub),
    fingerprint: async (id) => {
      const account = byName.get(id)
      return JSON.stringify([account?.password, account?.totpKey, account && await phoneOf(account)])
    },
  }
}

const taken = () => new AppError(409, 'phone_rejected', 'This number cannot be used for your account.')

/** Calling codes have one to three digits (ITU-T E.164, list of assigned codes). */
const CALLING_CODE = /^\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/

/** `+447400123456` as `+44 •••• •••456`, as passport-sms-otp shows it: enough for its owner to know it again. */
export const maskPhone = (phone: string): string => `${CALLING_CODE.exec(phone)?.[0] ?? ''} •••• •••${phone.slice(-3)}`
