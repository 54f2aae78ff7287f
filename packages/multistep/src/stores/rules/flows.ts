import { endOf } from '../../factors/kept-challenge.js'
import type { Flow, KeptFlow } from '../flow-store.js'
import { packFlow, unpackFlow, type PackedFlow } from './packed-flow.js'

/** One of the flows of a document, by a name that tells them apart there. `waits`: see `waitsUntil`. */
export type PendingFlow = readonly [name: string, version: number, expiresAt: number, waits: number, flow: PackedFlow]

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
export const waitsUntil = ({ challenges }: Flow): number =>
  Math.max(0, ...Object.values(challenges).map((begun) => endOf(begun) ?? Number.MAX_SAFE_INTEGER))

/** Those that have not ended, oldest first. */
export const livingFlows = (flows: Flows | undefined, now: number): Flows =>
  (flows ?? []).filter(([,, expiresAt]) => now < expiresAt)

export const flowNamed = (flows: Flows, name: string): PendingFlow | undefined => flows.find(([one]) => one === name)

/** The flows with another one, which takes the place of the one that yields. `undefined`: the name is taken. */
export function withNewFlow(flows: Flows, { name, flow, ttl, most }: NewFlow, now: number): Flows | undefined {
  if (flowNamed(flows, name)) return undefined
  const left = [...flows]
  while (left.length >= most) {
    const idle = left.findIndex(([,,, waits]) => now >= waits)
    left.splice(Math.max(0, idle), 1)
  }
  return [...left, [name, 1, Math.ceil(now + ttl), waitsUntil(flow), packFlow(flow)]]
}

/** The flows with one of them moved on. `undefined`: it is not at this version, or not there. */
export function withMovedFlow(flows: Flows, name: string, version: number, flow: Flow): Flows | undefined {
  const kept = flowNamed(flows, name)
  if (kept?.[1] !== version) return undefined
  const moved: PendingFlow = [name, version + 1, kept[2], waitsUntil(flow), packFlow(flow)]
  return flows.map((one) => (one === kept ? moved : one))
}

export const withoutFlow = (flows: Flows, name: string): Flows => flows.filter(([one]) => one !== name)

/** What a reader is told. `undefined`: an earlier version has kept it in another form. */
export function toldFlow([, version, expiresAt,, packed]: PendingFlow): KeptFlow | undefined {
  const flow = unpackFlow(packed)
  return flow && { ...flow, version, expiresAt }
}
