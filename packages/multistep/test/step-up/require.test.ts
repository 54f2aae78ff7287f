import fc from 'fast-check'
import { Passport } from 'passport'
import { allOf, anyOf, multistep, optional, type Proof } from '../../src/index.js'
import { factorTable } from '../../src/factors/factor-table.js'
import { isComplete } from '../../src/policy/plan.js'
import { freshlyProven, keptPlan, lackOf, nextProof, requiredFactors, type RequiredFactors } from '../../src/policy/requirement.js'
import { newest } from '../../src/factors/proof.js'
import { Scripted } from '../support/app.js'

const never = (name: string) => new Scripted(name, function () { this.fail(undefined as never) })
const ways = { a: { kind: 'knowledge' }, b: { kind: 'possession', channel: 'b' }, c: { kind: 'possession', channel: 'c' }, 'recovery-code': { enrolled: () => true } } as const
const table = factorTable(['a', 'b', 'c', 'd', 'recovery-code'], ways)
const at = 1_000_000
const proof = (factor: string, age = 0, via: Proof['via'] = 'fresh'): Proof => ({ factor, amr: [], at: at - age, via })
const need = (asked: { factors?: any, mfa?: boolean, maxAge?: string }) =>
  requiredFactors({ factors: undefined, mfa: undefined, maxAge: undefined, ...asked }, table)

const needIfAny = (asked: Parameters<typeof need>[0]) => {
  try {
    return need(asked)
  } catch (error) {
    expect((error as Error).message).toMatch(/nobody can (take|meet)|more than 64 ways/)
    return undefined
  }
}
const met = ({ plan, age }: RequiredFactors, proofs: Proof[]) => isComplete(plan, freshlyProven(proofs, age, at, table))

describe('login.require(requirement)', () => {
  const login = () => {
    const passport = new Passport()
    for (const name of ['local', 'text', 'recovery-code', 'plain']) passport.use(never(name))
    return multistep(passport, {
      steps: ['local', anyOf('text', 'recovery-code', 'plain')],
      factors: { text: { kind: 'possession', enrolled: () => true }, 'recovery-code': { enrolled: () => true } },
    })
  }

  it.each<[any, string]>([
    [{ maxage: '5m' }, 'there is no option \'require.maxage\'. Did you mean maxAge?'],
    [{ maxAge: 300 }, 'is a duration: write a string with its unit'],
    [{ maxAge: 'soon' }, 'is a duration'],
    [{ maxAge: '0s' }, 'longer than nothing'],
    [{ factors: 'txet' }, 'is not a factor of this policy'],
    [{ factors: [] }, 'factors is the name of a factor'],
    [{ factors: ['text'] }, 'factors is the name of a factor'],
    [{ factors: 7 }, 'factors is the name of a factor'],
    [{ factors: optional('text') }, 'factors is the name of a factor'],
    [{ factors: anyOf() }, 'factors is the name of a factor'],
    [{ factors: anyOf(allOf('text', 'nobody')) }, 'is not a factor of this policy'],
    [{ factors: 'recovery-code' }, 'never counts as fresh'],
    [{ mfa: 'yes' }, 'require.mfa is true or false'],
    [{ bind: { amount: 1 } }, 'require.bind is a function'],
    [{ page: 'https://elsewhere.example/' }, 'require.page is a path of this app'],
    ['text', 'require is an object'],
    [null, 'require is an object'],
  ])('require() refuses %j in words, where it is mounted', (options, words) => {
    expect(() => login().require(options)).toThrow(words)
  })

  it('require() refuses mfa that the steps cannot give', () => {
    const passport = new Passport()
    for (const name of ['local', 'plain']) passport.use(never(name))
    const one = multistep(passport, { steps: ['local', 'plain'] })
    expect(() => one.require({ mfa: true })).toThrow('nobody can meet mfa')
  })

  it('require() takes the names of the policy, and no other name compiles', () => {
    const its = login()
    its.require({ factors: 'text' })
    its.require({ factors: allOf('local', anyOf('text', 'plain')), mfa: true, maxAge: '5m', page: '/', bind: (req) => ({ n: Number(req.body.n), ok: true, to: 'x' }) })
    // @ts-expect-error no step mentions this factor
    expect(() => its.require({ factors: 'typo' })).toThrow()
    // @ts-expect-error no step mentions this factor
    expect(() => its.require({ factors: anyOf('text', 'typo') })).toThrow()
    // @ts-expect-error an age is a duration, not a number
    expect(() => its.require({ maxAge: 5 })).toThrow()
    // @ts-expect-error what is bound is text, a number or a boolean
    its.require({ bind: () => ({ n: [1] }) })
    // @ts-expect-error there is no such option
    expect(() => its.require({ factor: 'text' })).toThrow()
  })

  it('require() asks for a completed login alone, without a requirement and with an empty one', () => {
    expect(typeof login().require()).toBe('function')
    expect(typeof login().require({})).toBe('function')
  })
})

describe('what a route needs', () => {
  it.each<[string, any, Proof[], boolean]>([
    ['a factor', { factors: 'b' }, [proof('b', 999_999)], true],
    ['another factor', { factors: 'b' }, [proof('a')], false],
    ['one of several', { factors: anyOf('b', 'c') }, [proof('c')], true],
    ['all of several', { factors: allOf('b', 'c') }, [proof('b'), proof('c')], true],
    ['only some of several', { factors: allOf('b', 'c') }, [proof('b')], false],
    ['a choice inside all', { factors: allOf('a', anyOf('b', 'c')) }, [proof('a'), proof('c')], true],
    ['all inside a choice', { factors: anyOf('a', allOf('b', 'c')) }, [proof('b'), proof('c')], true],
    ['half of it', { factors: anyOf('a', allOf('b', 'c')) }, [proof('b')], false],
    ['a fresh enough one', { factors: 'b', maxAge: '1s' }, [proof('b', 1000)], true],
    ['one a moment too old', { factors: 'b', maxAge: '1s' }, [proof('b', 1001)], false],
    ['an old and a new one', { factors: 'b', maxAge: '1s' }, [proof('b', 5000), proof('b', 1)], true],
    ['one from the future', { factors: 'b', maxAge: '1s' }, [proof('b', -1)], false],
    ['one from the future, without an age', { factors: 'b' }, [proof('b', -1)], false],
    ['a remembered one', { factors: 'b' }, [proof('b', 0, 'remembered')], false],
    ['two kinds', { mfa: true }, [proof('a'), proof('b')], true],
    ['one kind over two channels', { mfa: true }, [proof('b'), proof('c')], false],
    ['two kinds, one too old', { mfa: true, maxAge: '1s' }, [proof('a', 1001), proof('b')], false],
    ['two kinds, one remembered', { mfa: true }, [proof('a'), proof('b', 0, 'remembered')], false],
    ['a kind and a recovery code', { mfa: true }, [proof('a'), proof('recovery-code', 0, 'recovery')], false],
    ['a kind and a factor of none', { mfa: true }, [proof('a'), proof('d')], false],
    ['any factor, lately', { maxAge: '1s' }, [proof('a', 9999), proof('d', 1)], true],
    ['a recovery code, lately', { maxAge: '1s' }, [proof('a', 9999), proof('recovery-code', 1, 'recovery')], false],
    ['a recovery code that says it is fresh', { maxAge: '1s' }, [proof('recovery-code', 1)], false],
    ['mfa with a named factor', { mfa: true, factors: 'c' }, [proof('a'), proof('b')], false],
    ['mfa with a named factor, proven', { mfa: true, factors: 'c' }, [proof('a'), proof('c')], true],
    ['nothing at all', { factors: 'b' }, [], false],
  ])('%s', (_, asked, proofs, isEnough) => {
    expect(met(need(asked), proofs)).toBe(isEnough)
  })

  it.each<[any, Proof[], string[], string[]]>([
    [{ factors: 'b' }, [proof('a')], ['b'], []],
    [{ factors: 'b', maxAge: '1s' }, [proof('b', 1001)], [], ['b']],
    [{ factors: anyOf('b', 'c'), maxAge: '1s' }, [], ['b', 'c'], []],
    [{ factors: anyOf('b', 'c'), maxAge: '1s' }, [proof('b', 1001)], [], ['b']],
    [{ factors: allOf('b', 'c'), maxAge: '1s' }, [proof('b', 1001)], ['c'], ['b']],
    [{ factors: allOf('b', 'c'), maxAge: '1s' }, [proof('b', 1001), proof('c', 1)], [], ['b']],
    [{ mfa: true }, [proof('a')], ['mfa'], []],
    [{ mfa: true, maxAge: '1s' }, [proof('a', 1001), proof('b', 1001)], [], ['mfa']],
    [{ mfa: true, maxAge: '1s' }, [proof('a', 1001), proof('b', 1)], [], ['a']],
    [{ maxAge: '1s' }, [proof('a', 1001), proof('d', 1001)], [], ['a', 'd']],
    [{ factors: 'b' }, [proof('b', -1)], ['b'], []],
  ])('%j with %j lacks %j, and too old is %j', (asked, proofs, missing, expired) => {
    expect(lackOf(need(asked), proofs, at, table)).toEqual({ missing, expired })
  })

  it('a route lacks a factor exactly when its requirement is not met', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const factors = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof({ maxDepth: 3 }, name, fc.tuple(fc.constantFrom(anyOf, allOf), fc.array(tie('any'), { minLength: 1, maxLength: 3 })).map(([of, inner]) => (of as any)(...inner))),
    })).any
    const proofs = fc.array(fc.tuple(name, fc.integer({ min: -1, max: 3 })).map(([factor, age]) => proof(factor, age * 1000)), { maxLength: 4 })
    fc.assert(fc.property(factors, fc.boolean(), proofs, (some, mfa, held) => {
      const asked = needIfAny({ factors: some, mfa, maxAge: '2s' })
      if (!asked) return
      const { missing, expired } = lackOf(asked, held, at, table)
      expect(missing.length + expired.length === 0).toBe(met(asked, held))
    }), { numRuns: 500 })
  })

  it('a route leads no user into a way that the user cannot finish', async () => {
    const some = (names: string[]) => factorTable(['a', 'b', 'c'], Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { enrolled: () => names.includes(name) }])))
    const next = async (factors: any, has: string[]) => {
      const given = some(has)
      const found = await nextProof(requiredFactors({ factors, mfa: undefined, maxAge: undefined }, given).plan, [], {})
      return found && [found.left, found.open.map(({ name }) => name)]
    }
    expect(await next(anyOf(allOf('a', 'b'), 'c'), ['a', 'c'])).toEqual([1, ['c']])
    expect(await next(anyOf(allOf('a', 'b'), 'c'), ['a', 'b'])).toEqual([2, ['a']])
    expect(await next(anyOf(allOf('a', 'b'), 'c'), ['a', 'b', 'c'])).toEqual([1, ['a', 'c']])
    expect(await next(allOf('a', anyOf('b', 'c')), ['a', 'b', 'c'])).toEqual([2, ['a']])
    expect(await next(anyOf(allOf('a', 'b'), 'c'), ['b'])).toBe(undefined)
    expect(await nextProof(keptPlan([[['a'], ['gone']], [['gone']]], some(['a'])), [], {})).toBe(undefined)
  })

  it('a route keeps of each factor the newest fresh proof, and no proof that is not fresh', () => {
    expect(newest([proof('a', 9), proof('b', 5, 'remembered'), proof('a', 3), proof('b', 2), proof('a', 4)]).map(({ factor, at: when }) => [factor, at - when])).toEqual([['b', 5], ['a', 3], ['b', 2]])
  })
})
