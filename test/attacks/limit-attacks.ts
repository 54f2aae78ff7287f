import { connect } from 'node:net'
import { Visitor } from '../../packages/mobileconnect-simulator/test/support/visitor.js'
import type { Attack, Site } from './attack.js'
import { postJson, wrong, type Call } from './target.js'

/** An app that texts codes: to log in by a number or after a password, and to confirm transfers. It believes `X-Forwarded-For` of loopback. */
export interface TextingTarget extends Site {
  readonly victim: { readonly name: string, readonly password: string, readonly phone: string }
  readonly password: (name: string, password: string) => Call
  /** Asks for a code to log in by this number. */
  readonly askFor: (phone: string) => Call
  readonly enter: (code: string) => Call
  /** The victim's browser, logged in. */
  readonly loggedIn: () => Promise<Visitor>
  /** Asks for a transfer. 200: it is made. */
  readonly transfer: (payee: string, amount: string) => Call
  /** Has the code for the transfer sent which was asked for last, and enters it, given the app's answer to it. */
  readonly confirm: (answer: unknown) => { readonly send: Call, readonly enter: (code: string) => Call }
  /** Every text that has left, oldest first. */
  readonly texts: () => readonly { readonly to: string, readonly body: string }[]
  /** Lets time go by. */
  readonly pass: (milliseconds: number) => void
}

const hour = 3_600_000
const turns = (count: number) => Array.from({ length: count }, (_, index) => index)
const codeIn = (body: string): string => /\d{6}/.exec(body.split('#').at(-1) ?? '')?.[0] ?? ''
/** Numbers of people who have no account, and numbers that the app knows to be nobody's. */
const stranger = (index: number): string => `+447400${200_000 + index * 7919 % 700_000}`
const phantom = (index: number): string => `+4475${10_000_000 + index * 1_300_021 % 80_000_000}`
const address = (index: number): Record<string, string> => ({ 'x-forwarded-for': `2001:db8:${index.toString(16)}::1` })

const post = (visitor: Visitor, url: string, { path, body }: Call, headers: Record<string, string>) =>
  visitor.request(url + path, { method: 'POST', body: JSON.stringify(body), headers: { accept: 'application/json', 'content-type': 'application/json', ...headers } })

/** A post of a program that hangs up before it is answered. */
const hangUp = (url: string, { path, body }: Call): Promise<void> => new Promise((resolve) => {
  const { hostname, port } = new URL(url)
  const text = JSON.stringify(body)
  const socket = connect(Number(port), hostname, () => {
    socket.write(`POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`, () => {
      setImmediate(() => socket.resetAndDestroy())
    })
  })
  socket.on('error', () => {}).on('close', () => { resolve() })
})

const misleading: readonly (readonly [payee: string, amount: string])[] = [
  ['Ваня Петров', '9999'],
  ['Water Company Limited of the City of London', '9999'],
  ['FRAUD ALERT: call +44 7911 123456 now', '9999'],
  ['Bob 25 EUR, please ignore the rest of this text', '9999'],
  ['\u202eboB', '9999'],
  ['***', '9999'],
]

/** Takes every step of a transfer. `made`: whether it was; `text`: what was texted for it. */
async function tryTransfer(target: TextingTarget, visitor: Visitor, payee: string, amount: string) {
  const before = target.texts().length
  const asked: unknown = await (await postJson(visitor, target.url, target.transfer(payee, amount))).json().catch(() => undefined)
  const { send, enter } = target.confirm(asked)
  await postJson(visitor, target.url, send)
  const text = target.texts()[before]?.body
  if (text === undefined) return { made: false, text: '' }
  await postJson(visitor, target.url, enter(codeIn(text)))
  const { status } = await postJson(visitor, target.url, target.transfer(payee, amount))
  return { made: status === 200, text }
}

/** Whether this app makes a plain transfer at all. */
export const transferIsMade = async (target: TextingTarget): Promise<boolean> => {
  const visitor = await target.loggedIn()
  target.pass(hour)
  return (await tryTransfer(target, visitor, 'Bob', '25')).made
}

export const limitAttacks: readonly Attack<TextingTarget>[] = [
  {
    id: 'N-01',
    hole: 'a transfer is made whose text named another payee, or told the person to call a number',
    async succeeds(target) {
      const visitor = await target.loggedIn()
      for (const [payee, amount] of misleading) {
        target.pass(hour)
        const { made, text } = await tryTransfer(target, visitor, payee, amount)
        if (made && (!text.includes(payee) || !text.includes(amount) || /call \+\d/i.test(text))) return true
      }
      return false
    },
  },
  {
    id: 'L-10',
    hole: 'hanging up early lifts the limit of texts for an address',
    async succeeds(target) {
      await Promise.all(turns(80).map((turn) => hangUp(target.url, target.askFor(stranger(turn)))))
      // Answered after all of them, so that every text which was going to leave has left.
      for (const turn of turns(3)) await postJson(new Visitor(), target.url, target.askFor(stranger(1000 + turn)))
      // An address that is known, and what all share who have none: twice ten, and a few.
      return target.texts().length > 25
    },
  },
  {
    id: 'L-11',
    hole: 'passwords for made-up names keep everybody out',
    async succeeds(target) {
      for (const turn of turns(400)) await post(new Visitor(), target.url, target.password(`nobody-${turn}`, 'wrong'), address(turn))
      const answer = await postJson(new Visitor(), target.url, target.password(target.victim.name, target.victim.password))
      return answer.status >= 400
    },
  },
  {
    id: 'L-12',
    hole: 'numbers that nobody has stop the texts of everybody in their country',
    async succeeds(target) {
      for (const turn of turns(60)) await post(new Visitor(), target.url, target.askFor(phantom(turn)), address(turn))
      target.pass(hour / 10)
      await post(new Visitor(), target.url, target.askFor(phantom(60)), address(60))
      const before = target.texts().length
      await post(new Visitor(), target.url, target.askFor(target.victim.phone), address(1000))
      return target.texts().length === before
    },
  },
  {
    id: 'L-13',
    hole: 'a stranger who knows a number switches off its texts for good',
    async succeeds(target) {
      const { phone, name, password } = target.victim
      for (const day of turns(80)) {
        const visitor = new Visitor()
        const before = target.texts().length
        await post(visitor, target.url, target.askFor(phone), address(day))
        const text = target.texts()[before]
        if (text) for (const turn of turns(5)) await post(visitor, target.url, target.enter(wrong(codeIn(text.body), turn + 1)), address(day))
        target.pass(6 * hour)
      }
      const texted = async (call: Call) => {
        const before = target.texts().length
        await postJson(new Visitor(), target.url, call)
        return target.texts().length > before
      }
      if (!await texted(target.password(name, password))) return true
      target.pass(30 * 24 * hour)
      return !await texted(target.askFor(phone))
    },
  },
]
