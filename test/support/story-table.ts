import type { Record as ChallengeRecord } from '../../packages/passport-sms-otp/test/support/record.js'
import { unpackFlow } from '../../packages/multistep/src/stores/rules/packed-flow.js'
import type { Told } from './story.js'

/** The tables of `docs/step-by-step.md`, from what was seen. */
export function tablesOf(told: readonly Told[]): string {
  const total = told.reduce((sum, { trips }) => sum + trips.length, 0)
  return [
    table(['', 'the browser sends', 'the answer', '`req.isAuthenticated()`'], told.map((one) => [sentIn(one), answerOf(one), one.authenticated ? '**true**' : 'false'])),
    table(['', 'the session holds', 'the flow store holds', 'the challenge store holds'], told.map(({ kept }) => [sessionIn(kept), flowsIn(kept), challengesIn(kept)])),
    table(['', 'commands to Redis', 'one by one'], [...told.map(({ trips }) => [String(trips.length), trips.map((trip) => `\`${trip}\``).join(', ') || '–']), [`**${total}** in all`, '']], told.length),
  ].join('\n\n')
}

/** Rows get their number, but for a last one that sums up. */
const table = (head: readonly string[], rows: readonly (readonly string[])[], numbered = rows.length): string =>
  [line(head), line(head.map(() => '---')).replaceAll(' ', ''), ...rows.map((row, index) => line([index < numbered ? String(index + 1) : '', ...row]))].join('\n')

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const coded = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

function sentIn({ method, path, fields }: Told): string {
  return `\`${method} ${path}\`${fields.length > 0 ? ` with ${coded(fields)}` : ''}`
}

function answerOf({ status, location, body, text }: Told): string {
  if (location !== undefined) return `${status} to \`${location}\``
  if (body !== undefined) return `${status}${body.page === undefined ? ` \`${body.code ?? body.status}\`` : ''}`
  return `${status}${text.includes('http-equiv="refresh"') ? ', a page that goes on to the operator' : ''}`
}

type Kept = Told['kept']

const under = (kept: Kept, beginning: string): [string, any][] => Object.entries(kept).filter(([key]) => key.startsWith(beginning))

function sessionIn(kept: Kept): string {
  const sessions = under(kept, 'session:').map(([, json]) => JSON.parse(json) as Record<string, object>)
  if (sessions.length !== 1) return sessions.length === 0 ? 'there is none' : `${sessions.length} sessions`
  const names = Object.entries(sessions[0]!).filter(([name]) => name !== 'cookie').flatMap(([name, value]) => Object.keys(value).map((key) => `${name}.${key}`))
  return coded(names.sort()) || 'nothing'
}

function flowsIn(kept: Kept): string {
  const known = [
    ...under(kept, 'login:flows:').flatMap(([, record]) => (JSON.parse(record) as unknown[][]).map(flowIn)),
    ...under(kept, 'login:login:').map(([, record]) => loginIn(JSON.parse(record))),
    ...under(kept, 'login:step-ups:').flatMap(([, fields]) => Object.entries<string>(fields).flatMap(stepUpIn)),
    ...under(kept, 'login:ledger:').map(() => 'failures'),
    ...under(kept, 'login:name:').map(([, { ledger }]) => (ledger === '' ? 'a known name' : 'a known name with failures')),
    ...tombstonesIn(kept),
  ]
  const others = under(kept, 'login:').filter(([key]) => !/^login:(flows|login|step-ups|ledger|name|tombstone):/.test(key))
  return [...known, ...others.map(([key]) => key)].join('; ') || '–'
}

const flowIn = (flow: unknown[]): string => `a flow with ${contentsOf(unpackFlow(JSON.parse(flow[4] as string))!)}`

const loginIn = ([, , , json, retired]: [number, number, number, string, unknown]): string =>
  `a login with ${contentsOf(JSON.parse(json))}${retired === undefined ? '' : ', and a session it is not in any more'}`

function tombstonesIn(kept: Kept): string[] {
  const { length } = under(kept, 'login:tombstone:')
  return length === 0 ? [] : [length === 1 ? 'a tombstone' : `${length} tombstones`]
}

function stepUpIn([name, value]: [string, string]): string[] {
  if (name.startsWith('g:')) return ['a grant']
  return name.startsWith('r:') ? [`a requirement with ${contentsOf(JSON.parse(value.slice(value.indexOf('{'))), 'nothing proven')}`] : []
}

function contentsOf({ proofs, challenges = {} }: { proofs: readonly { factor: string }[], challenges?: object }, nothing = 'no proof'): string {
  const proven = proofs.length > 0 ? `the proof${proofs.length > 1 ? 's' : ''} ${coded(proofs.map(({ factor }) => factor))}` : nothing
  const begun = Object.keys(challenges)
  return begun.length > 0 ? `${proven}, and the challenge of ${coded(begun)}` : proven
}

function challengesIn(kept: Kept): string {
  // Written once by the first process that ever starts, and kept for good: no request makes it.
  const keys = under(kept, 'otp:').filter(([key]) => !key.endsWith('remembered'))
  const records = keys.filter(([key]) => key.endsWith('}:record'))
  const challenges = records.flatMap(([, record]) => (record as ChallengeRecord).challenges)
  const used = challenges.filter(([, , , , , , used]) => used === 1).length
  const budgets = keys.filter(([key]) => key.includes('{budgets}')).length
  const counted = (number: number, one: string, more: string) => (number === 0 ? [] : [number === 1 ? one : `${number} ${more}`])
  return [
    ...counted(challenges.length - used, 'an open challenge', 'open challenges'),
    ...counted(used, 'a used challenge', 'used challenges'),
    ...counted(records.length, 'the person\'s ledger', 'ledgers'),
    ...counted(budgets, 'a count of texts', 'counts of texts'),
    ...counted(keys.length - records.length - budgets, 'something else', 'other things'),
    ...counted(under(kept, 'mc:').length - under(kept, 'mc:count:').length, 'a transaction', 'transactions'),
    ...counted(under(kept, 'mc:count:').length, 'a count', 'counts'),
  ].join(', ') || '–'
}
