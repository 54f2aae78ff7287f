import ts from 'typescript'
import { defaultOf, isOptionsType, PublishedTypes, type Published } from './support/published.js'

let types: PublishedTypes
let symbols: readonly Published[]
let options: readonly Published[]

beforeAll(() => {
  types = new PublishedTypes()
  symbols = types.symbols
  options = symbols.filter(isOptionsType).flatMap((type) => types.membersOf(type))
})

const hasComment = ({ words, tags }: Published): boolean => words !== '' || tags.length > 0
const isOptional = ({ symbol }: Published): boolean => (symbol.flags & ts.SymbolFlags.Optional) !== 0
const told = (found: readonly Published[]) => [...new Set(found.map(({ name, file }) => `${file}: ${name}`))].sort()

describe('What is published', () => {
  it('the published types have hundreds of symbols, and more options', () => {
    expect(symbols.length).toBeGreaterThan(200)
    expect(options.length).toBeGreaterThan(150)
  })

  it('every published symbol has a doc comment', () => {
    expect(told(symbols.filter((symbol) => !hasComment(symbol)))).toEqual([])
  })

  it('every published option has a doc comment', () => {
    expect(told(options.filter((option) => !hasComment(option)))).toEqual([])
  })

  it('every option that may be left out has a default in its doc comment', () => {
    expect(told(options.filter((option) => isOptional(option) && defaultOf(option) === undefined))).toEqual([])
  })

  it('every option that is a duration is a text with a unit, which the compiler checks', () => {
    const names = /^(?:ttl|stay|patience|interval|delays|(?:store|step|sender)?[tT]imeout|maxAge|absolute)$/
    const durations = options.filter(({ name }) => names.test(name.split('.')[1]!))
    const typed = durations.map(({ name, symbol }) => [name, types.checker.typeToString(types.checker.getTypeOfSymbol(symbol))] as const)
    expect(typed.length).toBeGreaterThan(15)
    // The stores of SQL take milliseconds, as their drivers do.
    expect(typed.filter(([name, type]) => !/Duration|\$\{number\}/.test(type) && !/^(?:Database|Mysql|Postgres|Sqlite)Options/.test(name))).toEqual([])
  })
})
