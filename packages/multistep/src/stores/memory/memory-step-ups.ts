import type { Proof } from '../../factors/proof.js'
import { inOrder, mostBegun, mostGrants, mostRequirements, mostRetired, type KeptRequirement, type Met, type NewRequirement, type Requirement } from '../step-up-store.js'

interface Open {
  readonly id: string
  readonly key: string
  readonly version: number
  readonly expiresAt: number
  readonly json: string
}

/** What step-ups have brought to one login of a `MemoryFlowStore`. */
export class StepUps {
  retired: readonly string[] = []
  private readonly newest = new Map<string, { readonly at: number, readonly json: string }>()
  /** By id, the one asked for longest ago first. */
  private readonly open = new Map<string, Open>()
  private readonly grants = new Map<string, number>()

  get proofs(): Proof[] {
    return inOrder([...this.newest.values()].map(({ json }) => JSON.parse(json) as Proof))
  }

  openRequirement({ id, key, ttl, requirement }: NewRequirement, now: number): KeptRequirement {
    this.tidy(now)
    const equal = [...this.open.values()].find((one) => one.key === key)
    if (equal) this.open.delete(equal.id)
    const one: Open = { ...equal ?? { id, key, version: 1, json: JSON.stringify(requirement) }, expiresAt: Math.ceil(now + ttl) }
    this.open.set(one.id, one)
    this.bound(({ version }) => version === 1, mostRequirements)
    return told(one)
  }

  requirements(now: number): KeptRequirement[] {
    this.tidy(now)
    return [...this.open.values()].map(told)
  }

  advance(id: string, version: number, requirement: Requirement, now: number): boolean {
    const one = this.find(id, version, now)
    if (one) this.open.set(id, { ...one, version: version + 1, json: JSON.stringify(requirement) })
    this.bound((open) => open.version > 1, mostBegun)
    return one !== undefined
  }

  drop(id: string): void {
    this.open.delete(id)
  }

  meet(id: string, version: number, { proofs, grant, retires }: Met, now: number): boolean {
    if (!this.find(id, version, now)) return false
    this.open.delete(id)
    this.retire(retires)
    for (const proof of proofs) {
      const before = this.newest.get(proof.factor)
      if (!before || before.at <= proof.at) this.newest.set(proof.factor, { at: proof.at, json: JSON.stringify(proof) })
    }
    if (grant) this.grant(grant.key, Math.ceil(now + grant.ttl), now)
    return true
  }

  retire(session: string): void {
    this.retired = Object.freeze([session, ...this.retired.filter((one) => one !== session)].slice(0, mostRetired))
  }

  take(grant: string, now: number): boolean {
    const expiresAt = this.grants.get(grant)
    this.grants.delete(grant)
    return expiresAt !== undefined && now < expiresAt
  }

  down(): void {
    for (const all of [this.newest, this.open, this.grants]) all.clear()
  }

  private find(id: string, version: number, now: number): Open | undefined {
    const one = this.open.get(id)
    return one?.version === version && now < one.expiresAt ? one : undefined
  }

  private bound(isOfKind: (open: Open) => boolean, most: number): void {
    const all = [...this.open.values()].filter(isOfKind)
    for (const { id } of all.slice(0, Math.max(0, all.length - most))) this.open.delete(id)
  }

  private grant(key: string, expiresAt: number, now: number): void {
    this.grants.set(key, expiresAt)
    for (const [one, end] of this.grants) if (now >= end) this.grants.delete(one)
    const ending = [...this.grants].sort(([, one], [, other]) => one - other)
    for (const [one] of ending.slice(0, Math.max(0, ending.length - mostGrants))) this.grants.delete(one)
  }

  private tidy(now: number): void {
    for (const { id, expiresAt } of this.open.values()) if (now >= expiresAt) this.open.delete(id)
  }
}

const told = ({ id, version, expiresAt, json }: Open): KeptRequirement => ({ ...JSON.parse(json) as Requirement, id, version, expiresAt })
