import { endOf } from '../../factors/kept-challenge.js'
import type { Flow, KeptFlow } from '../flow-store.js'
import { frozen, thawed } from './frozen.js'

/** One of the flows of a document, by a name that tells them apart there. `waits`: see `waitsUntil`. */
export type PendingFlow = readonly [name: string, version: number, expiresAt: number, waits: number, flow: Flow]

type Flows = readonly PendingFlow[]

interface NewFlow {
  readonly name: string
  readonly flow: Flow
  readonly ttl: number
  /** So many flows the document holds, and no more. */
  readonly most: number
}

/**
 * Until when something that this flow waits for can be answered, in epoch milliseconds. 0: it waits for nothing. A
 * challenge without an end of its own lasts as long as the flow.
 */
export function waitsUntil({ challenges }: Flow): number {
  let latest = 0
  for (const begun of Object.values(challenges)) latest = Math.max(latest, endOf(begun) ?? Number.MAX_SAFE_INTEGER)
  return latest
}

/** Those that have not ended, oldest first. */
export const livingFlows = (flows: Flows | undefined, now: number): Flows =>
  (flows ?? []).filter((flow) => now < flow[2])

export const flowNamed = (flows: Flows, name: string): PendingFlow | undefined => flows.find((flow) => flow[0] === name)

/** The flows with another one, which takes the place of the one that yields. `undefined`: the name is taken. */
export function withNewFlow(flows: Flows, { name, flow, ttl, most }: NewFlow, now: number): Flows | undefined {
  if (flowNamed(flows, name)) return undefined
  const left = [...flows]
  while (left.length >= most) {
    const idle = left.findIndex((one) => now >= one[3])
    left.splice(Math.max(0, idle), 1)
  }
  left.push([name, 1, Math.ceil(now + ttl), waitsUntil(flow), frozen(flow)])
  return left
}

/** The flows with one of them moved on. `undefined`: it is not at this version, or not there. */
export function withMovedFlow(flows: Flows, name: string, version: number, flow: Flow): Flows | undefined {
  const kept = flowNamed(flows, name)
  if (kept?.[1] !== version) return undefined
  const moved: PendingFlow = [name, version + 1, kept[2], waitsUntil(flow), frozen(flow)]
  return flows.map((one) => (one === kept ? moved : one))
}

export const withoutFlow = (flows: Flows, name: string): Flows => flows.filter((flow) => flow[0] !== name)

/**
 * What a reader is told. An app's `deserializeUser` may make of the user what it likes, so it gets one of its own.
 * `undefined`: an earlier version has kept it in another form.
 */
export function toldFlow([, version, expiresAt,, flow]: PendingFlow): KeptFlow | undefined {
  if (typeof flow.session !== 'string') return undefined
  return flow.user === undefined
    ? { ...flow, version, expiresAt }
    : { ...flow, user: thawed(flow.user), version, expiresAt }
}
