import { randomBytes } from 'node:crypto'
import { accounts, type Account } from './accounts.js'
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
  /** @throws Error with a sentence for the person, when the number can not be theirs. */
  givePhone(id: string, phone: string): Promise<void>
}

/** Passport types whoever is logged in as `Express.User`; here it is always one of ours. */
export const asUser = (user: Express.User): User => user as User

const byName = new Map(accounts.map((account) => [account.id, account]))

const hashAll = async () => ({
  hashes: new Map(await Promise.all(accounts.map(async ({ id, password }) => [id, await hashPassword(password)] as const))),
  nobody: await hashPassword(randomBytes(16).toString('hex')),
})

// Once for each process, and early: it takes a while, as it should.
const hashed = hashAll()

export function createUsers(numbers: Numbers): Users {
  const userOf = async ({ id, phone, totpKey }: Account): Promise<User> => {
    const number = phone ?? await numbers.of(id)
    return { id, ...(number === undefined ? {} : { phone: number }), ...(totpKey === undefined ? {} : { totpKey }) }
  }
  const find = async (account: Account | undefined) => account && userOf(account)

  return {
    byId: (id) => find(byName.get(id)),
    byPhone: async (phone) => find(accounts.find((account) => account.phone === phone) ?? byName.get(await numbers.owner(phone) ?? '')),
    byPassword: async (name, password) => {
      const id = name.trim().toLowerCase()
      const { hashes, nobody } = await hashed
      const right = await isPassword(password, hashes.get(id) ?? nobody)
      return right ? find(byName.get(id)) : undefined
    },
    givePhone: async (id, phone) => {
      const taken = accounts.some((account) => account.phone === phone) || !(await numbers.claim(id, phone))
      if (taken) throw new Error('This number can not be used for your account.')
    },
  }
}

/** Calling codes have one to three digits (ITU-T E.164, list of assigned codes). */
const CALLING_CODE = /^\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/

/** `+447400123456` as `+44 •••• •••456`, as passport-sms-otp shows it: enough for its owner to know it again. */
export const maskPhone = (phone: string): string => `${CALLING_CODE.exec(phone)?.[0] ?? ''} •••• •••${phone.slice(-3)}`
