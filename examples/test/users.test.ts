import crypto from 'node:crypto'
import { createClient } from 'redis'
import { describeWithRedis } from '../../test/support/redis.js'
import { memoryLinks } from '../src/users/links.js'
import { memoryNumbers, type Numbers } from '../src/users/numbers.js'
import { redisNumbers } from '../src/users/redis-numbers.js'
import { hashPassword, isPassword } from '../src/users/passwords.js'
import { createUsers } from '../src/users/users.js'
import type { Redis } from '../src/stores/redis.js'
import { ownRedis } from './support/stores.js'

describe('passwords', () => {
  it('passwords are known again by their hash, and others are not', async () => {
    const hash = await hashPassword('lovelace-1815')
    expect(await isPassword('lovelace-1815', hash)).toBe(true)
    expect(await isPassword('lovelace-1816', hash)).toBe(false)
  })

  it('passwords are hashed with a salt of their own', async () => {
    const [one, other] = [await hashPassword('same'), await hashPassword('same')]
    expect(one.salt).not.toEqual(other.salt)
    expect(one.key).not.toEqual(other.key)
  })
})

describe('a password login', () => {
  const users = createUsers({ numbers: memoryNumbers(), links: memoryLinks(), withPhones: true })
  // The first login waits for the hashes to be made.
  beforeAll(() => users.byPassword('ada', ''))
  afterEach(() => jest.restoreAllMocks())

  it.each([['of a known name', 'ada'], ['of a name that nobody has', 'nobody'], ['of no name', ''], ['of a name of every object', '__proto__']])('a password login %s costs one run of scrypt of the cost that OWASP names (R-57)', async (_, name) => {
    const scrypt = jest.spyOn(crypto, 'scrypt')
    expect(await users.byPassword(name, 'wrong')).toBeUndefined()
    expect(scrypt.mock.calls.map(([,,, cost]: unknown[]) => cost)).toEqual([{ N: 2 ** 14, r: 8, p: 5 }])
  })

  it('a password login reads a name as people write it', async () => {
    expect(await users.byPassword(' Ada ', 'lovelace-1815')).toEqual({ id: 'ada', phone: '+447400123456' })
  })
})

function promisesOfNumbers(make: () => Numbers): void {
  it('numbers belong to the user who claimed them', async () => {
    const numbers = make()
    expect(await numbers.of('grace')).toBeUndefined()
    expect(await numbers.owner('+447400123499')).toBeUndefined()
    expect(await numbers.claim('grace', '+447400123499')).toBe(true)
    expect(await numbers.of('grace')).toBe('+447400123499')
    expect(await numbers.owner('+447400123499')).toBe('grace')
  })

  it('of any parallel claims by one person, one number is theirs', async () => {
    const numbers = make()
    const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => numbers.claim('grace', `+4474001230${index + 10}`)))
    expect(claims.filter(Boolean)).toHaveLength(1)
  })

  it('of any parallel claims of one number, one person gets it', async () => {
    const numbers = make()
    const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => numbers.claim(`person ${index}`, '+447400123499')))
    expect(claims.filter(Boolean)).toHaveLength(1)
  })
}

describe('numbers in memory', () => promisesOfNumbers(memoryNumbers))

describeWithRedis('numbers in Redis', () => {
  const { url, prefix } = ownRedis()
  const client = createClient({ url }) as Redis
  let keys = 0
  beforeAll(() => client.connect())
  afterAll(() => client.close())
  promisesOfNumbers(() => redisNumbers(client, `${prefix}${++keys}`))
})
