import * as stepUps from './lua/step-ups.js'
import type { Script } from '#internal/redis-script'
import type { LedgerKey } from '../ledger-store.js'
import { RedisDevices } from './redis-devices.js'
import { flagReply, requirementReply, requirementsReply } from './redis-replies.js'
import type { KeptRequirement, Met, NewRequirement, Requirement } from '../step-up-store.js'
import { parseId, requireWord } from '../keys.js'

/** What a `RedisFlowStore` knows of step-ups. */
export abstract class RedisStepUps extends RedisDevices {
  /** A login, what belongs to it, and its partition's generation. */
  protected abstract loginKeys(id: { readonly partition: string, readonly random: string }): string[]
  protected abstract sharedLedgerKey(login: string, ledger: LedgerKey): string
  protected abstract nothingButPassed(ledger: LedgerKey | undefined): Promise<false>
  abstract time(): Promise<number>

  async openRequirement(
    login: string, { id, key, ttl, requirement }: NewRequirement,
  ): Promise<{ at: number, requirement?: KeptRequirement }> {
    const parts = parseId(login)
    const words = [requireWord(id), requireWord(key)]
    if (parts === undefined) return { at: await this.time() }
    const args = [...words, ttl, JSON.stringify(requirement)]
    return requirementReply(await this.run(stepUps.openRequirementScript, this.loginKeys(parts), ...args))
  }

  async readRequirements(login: string): Promise<{ at: number, requirements: KeptRequirement[] }> {
    const parts = parseId(login)
    if (parts === undefined) return { at: await this.time(), requirements: [] }
    return requirementsReply(await this.run(stepUps.readRequirementsScript, this.loginKeys(parts)))
  }

  async advanceRequirement(login: string, id: string, version: number, requirement: Requirement): Promise<boolean> {
    return this.changed(stepUps.advanceRequirementScript, login, id, version, JSON.stringify(requirement))
  }

  async dropRequirement(login: string, id: string): Promise<void> {
    await this.changed(stepUps.dropRequirementScript, login, id)
  }

  async meetRequirement(
    login: string, id: string, version: number, { proofs, grant, retires, passed }: Met,
  ): Promise<boolean> {
    const held = proofs.flatMap((proof) => [proof.factor, proof.at, JSON.stringify(proof)])
    const args = [id, version, grant ? requireWord(grant.key) : '', grant?.ttl ?? 0, requireWord(retires), ...held]
    const parts = parseId(login)
    if (parts === undefined) return this.nothingButPassed(passed)
    const keys = [...this.loginKeys(parts), ...passed ? [this.sharedLedgerKey(login, passed)] : []]
    return flagReply(await this.run(stepUps.meetRequirementScript, keys, ...args))
  }

  async retireSession(login: string, retires: string): Promise<void> {
    await this.changed(stepUps.retireSessionScript, login, requireWord(retires))
  }

  async takeGrant(login: string, grant: string): Promise<boolean> {
    return this.changed(stepUps.takeGrantScript, login, grant)
  }

  async stepDown(login: string): Promise<void> {
    await this.changed(stepUps.stepDownScript, login)
  }

  private async changed(script: Script, login: string, ...args: (string | number)[]): Promise<boolean> {
    const parts = parseId(login)
    return parts !== undefined && flagReply(await this.run(script, this.loginKeys(parts), ...args))
  }
}
