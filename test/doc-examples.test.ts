import { join } from 'node:path'
import ts from 'typescript'
import { complaintsAbout, declares } from './support/compiled.js'
import { PublishedTypes, type Published } from './support/published.js'

const root = join(__dirname, '..')

/** What a reader of a doc comment brings along, for the examples that do not declare it themselves. */
const brought = [
  'import express from \'express\'',
  'import type { ErrorRequestHandler } from \'express\'',
  'import passport from \'passport\'',
  'import twilio from \'twilio\'',
  'import { createClient } from \'redis\'',
  'import { Pool } from \'pg\'',
  'import { createPool } from \'mysql2/promise\'',
  'import { describe, expect, it } from \'@jest/globals\'',
  'import { Strategy as TotpStrategy } from \'passport-totp\'',
  'import * as webauthn from \'@simplewebauthn/server\'',
  'declare const app: import(\'express\').Express',
  'declare const req: import(\'express\').Request<object, unknown, { code: string }>',
  'declare const res: import(\'express\').Response',
  'declare const secret: string',
  'declare const account: { id: string, phone: string }',
  'declare const users: { byName(name: string): Express.User | undefined, findOrCreate(phone: string): Promise<Express.User>, byMobileConnect(issuer: string, sub: string): Promise<Express.User> }',
  'declare const otp: import(\'passport-sms-otp\').SmsOtp',
  'declare const sender: import(\'passport-sms-otp\').SmsSender',
  'declare const first: import(\'passport-sms-otp\').SmsSender',
  'declare const second: import(\'passport-sms-otp\').SmsSender',
  'declare const backup: import(\'passport-sms-otp\').SmsSender',
  'declare const report: import(\'passport-sms-otp\').SmsReport & { status: string }',
  'declare const challenge: string',
  'declare const code: string',
  'declare const client: import(\'twilio\').Twilio',
  'declare const accountSid: string',
  'declare const authToken: string',
  'declare const applicationId: string',
  'declare const privateKey: string',
  'declare const pem: string',
  'declare const clientId: string',
  'declare const clientSecret: string',
  'declare const callbackURL: string',
  'declare const operator: import(\'passport-mobileconnect\').OperatorOptions',
  'declare const verify: () => Promise<Express.User>',
  'declare const numberVerification: { isNumberOf(token: string, phone: string): Promise<boolean> }',
  'declare const gateway: { post(body: object): Promise<{ status: number, id: string }> }',
  'declare const api: { post(path: string, body: object, signal: AbortSignal): Promise<{ id: string, state: string }> }',
  'declare const sim: import(\'mobileconnect-simulator\').Simulator',
  'declare const page: import(\'mobileconnect-simulator\').BrowserPage',
  'declare const login: import(\'multistep\').Multistep<\'local\' | \'sms-otp\'>',
  'declare const steps: readonly import(\'multistep\').Step[]',
  'declare const payment: () => { payee: string, amount: number }',
  'declare const recovery: import(\'multistep/recovery-codes\').RecoveryCodeStrategy',
  'declare const recoveryCodes: import(\'multistep\').FactorOptions',
  'declare const renderSVG: (text: string) => string',
  'declare const documents: import(\'passport-sql-stores\').Documents',
  'declare const database: import(\'passport-sql-stores/postgres\').Database',
  'declare const decide: import(\'passport-sql-stores\').Decide<import(\'passport-sql-stores\').Expiring, unknown>',
  'declare class MyDocuments { constructor(options?: object); change: import(\'passport-sql-stores\').Documents[\'change\']; read: import(\'passport-sql-stores\').Documents[\'read\']; sweep: import(\'passport-sql-stores\').Documents[\'sweep\'] }',
]

/** What a name means in one example alone. */
const meant: Readonly<Record<string, readonly string[]>> = {
  'multistep RecoveryCodeStrategy': ['declare const store: import(\'multistep/recovery-codes\').RecoveryCodeStore'],
  'multistep TotpSetUp': ['declare const store: import(\'multistep/totp\').TotpKeyStore'],
  'multistep PasskeyStrategy': ['declare const store: import(\'multistep/passkeys\').PasskeyStore'],
  'multistep flowStoreContract': ['declare class MyFlowStore extends MemoryFlowStore {}'],
  'passport-sms-otp challengeStoreContract': ['declare class MyChallengeStore extends MemoryChallengeStore {}'],
  'passport-mobileconnect transactionStoreContract': ['declare class MyTransactionStore extends MemoryTransactionStore {}'],
  'passport-number-verification transactionStoreContract': ['declare class MyTransactionStore extends MemoryTransactionStore {}'],
  'passport-sms-otp deviceSwapCheck': ['declare const provider: import(\'passport-sms-otp/checks\').SwapProvider'],
  'passport-sms-otp simSwapCheck': ['declare const provider: import(\'passport-sms-otp/checks\').SwapProvider'],
  'passport-mobileconnect Strategy.checkDetails': ['declare const strategy: import(\'passport-mobileconnect\').Strategy'],
  'passport-number-verification CreateProvider': [
    'declare const begin: import(\'passport-number-verification\').NetworkWay[\'begin\']',
    'declare const end: import(\'passport-number-verification\').NetworkWay[\'end\']',
  ],
  ...Object.fromEntries(['MemoryTransactionStore', 'RedisTransactionStore', 'DocumentTransactionStore'].map((name) => [
    `passport-number-verification ${name}`, ['declare const provider: import(\'passport-number-verification\').CreateProvider'],
  ])),
}

let types: PublishedTypes
let examples: readonly Example[]
beforeAll(() => {
  types = new PublishedTypes()
  examples = types.symbols.flatMap((symbol) => [symbol, ...membersOf(symbol)].flatMap(examplesOf))
})

interface Example { readonly of: string, readonly from: string, readonly text: string, readonly isMember: boolean }

const membersOf = (symbol: Published) => types.membersOf(symbol).filter(({ file }) => file === symbol.file)

const examplesOf = ({ name, from, tags }: Published): Example[] => tags.filter(([tag]) => tag === 'example')
  .map(([, text]) => ({ of: name, from, text: text.replace(/^```ts\n|\n```$/g, ''), isMember: name.includes('.') }))

const isUsed = (text: string, name: string) => new RegExp(`(?<![.'\\w])${name}(?!\\w|:(?! ))`).test(text)

/** `import { SmsOtp } from 'passport-sms-otp'` for what the example uses and the packages publish. Its own package comes first. */
function importsFor({ text, from }: Example, known: readonly string[]): string[] {
  const own = types.entries.filter((entry) => entry.from === from)
  const others = types.entries.filter((entry) => entry.from !== from)
  const found = new Map<string, string>()
  for (const { path, names } of [...own, ...others]) {
    for (const name of names) if (!found.has(name) && !known.includes(name) && isUsed(text, name) && !declares(text, name)) found.set(name, path)
  }
  return [...found].map(([name, path]) => `import { ${name} } from '${path}'`)
}

const nameIn = (line: string) => /^(?:declare (?:const|class)|import(?: type)?(?: \* as)?) (\w+)/.exec(line)?.[1] ?? ''
const namesIn = (line: string) => (/^import (?:type )?\{/.test(line) ? [...line.matchAll(/(\w+)(?= [,}]|,| \})/g)].map(([, name]) => name!) : [nameIn(line)])

/** An example of an option is a member of its type; any other one is a module. */
function moduleOf(example: Example): string {
  const { of, text, isMember } = example
  const isOption = isMember && /^\w+: /.test(text)
  const code = isOption ? `const example: Partial<${of.split('.')[0]}> = {\n${text}\n}` : text
  const extra = meant[`${example.from} ${of}`] ?? []
  const lines = [...extra, ...brought.filter((line) => !extra.some((one) => nameIn(one) === nameIn(line) && nameIn(line) !== ''))]
  const needed = lines.filter((line) => namesIn(line).some((name) => isUsed(code, name) && !declares(text, name)))
  return [...importsFor({ ...example, text: [code, ...extra].join('\n') }, needed.flatMap(namesIn)), ...needed, code, 'export {}\n'].join('\n')
}

describe('The examples of doc comments', () => {
  it('every function and every class that is published has an example', () => {
    const isCalled = ({ symbol }: Published) => (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class)) !== 0
      || ((symbol.flags & ts.SymbolFlags.Variable) !== 0 && types.checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0)
    const without = types.symbols.filter((symbol) => isCalled(symbol) && examplesOf(symbol).length === 0)
    expect(without.map(({ from, name }) => `${from}: ${name}`)).toEqual([])
  })

  it('every example compiles, with what it imports', () => {
    const modules = new Map(examples.map((example, index) => [join(root, 'packages', example.from, `example.${index}.ts`), moduleOf(example)]))
    const found = complaintsAbout(modules, { verbatimModuleSyntax: false })
    expect(modules.size).toBeGreaterThan(90)
    const wrong = [...modules.keys()].flatMap((file, index) => found.get(file)!.map((complaint) => `${examples[index]!.from}: ${examples[index]!.of}: ${complaint}`))
    expect(wrong).toEqual([])
  })
})
