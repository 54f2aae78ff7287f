import { parseId, requireShared, requireWord } from '../keys.js'
import type { LedgerKey } from '../ledger-store.js'
import { currentLogin, type KeptLogin } from '../rules/logins.js'
import { settledPerson, type PersonRecord } from '../rules/person.js'
import {
  openRequirements, steppedDown, toldRequirement, withMet, withMovedRequirement, withoutGrant, withoutRequirement,
  withOpenRequirement, withRetired,
} from '../rules/step-ups.js'
import type { KeptRequirement, Met, NewRequirement, Requirement } from '../step-up-store.js'
import { DocumentDevices } from './document-devices.js'
import { loginKey, personKey } from './flow-documents.js'

/** What becomes of a login (`undefined`: it stays as it is), and what is answered. */
interface LoginDecision<Answer> {
  readonly login: KeptLogin | undefined
  readonly answer: Answer
}

/** What a `DocumentFlowStore` knows of step-ups: they lie in the document of their login. */
export abstract class DocumentStepUps extends DocumentDevices {
  abstract time(): Promise<number>
  /** For ids that name nothing. A ledger that was passed is cleared all the same. */
  protected abstract nothingButPassed(passed: LedgerKey | undefined): Promise<false>

  async openRequirement(
    login: string, requirement: NewRequirement,
  ): Promise<{ at: number, requirement?: KeptRequirement }> {
    for (const word of [requirement.id, requirement.key]) requireWord(word)
    const opened = await this.changeLogin<{ at: number, requirement?: KeptRequirement }>(login, (kept, at) => {
      if (!kept) return { login: kept, answer: { at } }
      const { login: raised, opened: one } = withOpenRequirement(kept, requirement, at)
      return { login: raised, answer: { at, requirement: toldRequirement(one) } }
    })
    return opened ?? { at: await this.time() }
  }

  async readRequirements(login: string): Promise<{ at: number, requirements: KeptRequirement[] }> {
    const { at, kept } = await this.findLogin(login)
    return { at, requirements: kept ? openRequirements(kept, at).map(toldRequirement) : [] }
  }

  async advanceRequirement(login: string, id: string, version: number, requirement: Requirement): Promise<boolean> {
    return this.movesLogin(login, (kept, now) => withMovedRequirement(kept, id, version, requirement, now))
  }

  async dropRequirement(login: string, id: string): Promise<void> {
    await this.movesLogin(login, (kept) => withoutRequirement(kept, id))
  }

  async meetRequirement(login: string, id: string, version: number, met: Met): Promise<boolean> {
    for (const word of [met.retires, ...met.grant ? [met.grant.key] : []]) requireWord(word)
    if (parseId(login) === undefined) return this.nothingButPassed(met.passed)
    return this.movesLogin(login, (kept, now) => withMet(kept, id, version, met, now), met.passed)
  }

  async retireSession(login: string, retires: string): Promise<void> {
    requireWord(retires)
    await this.movesLogin(login, (kept) => withRetired(kept, retires))
  }

  async takeGrant(login: string, grant: string): Promise<boolean> {
    const taken = await this.changeLogin(login, (kept, now) => {
      if (!kept) return { login: kept, answer: false }
      const { login: left, taken: answer } = withoutGrant(kept, grant, now)
      return { login: left, answer }
    })
    return taken === true
  }

  async stepDown(login: string): Promise<void> {
    await this.movesLogin(login, steppedDown)
  }

  /** The login as it stands now; absent under an id that names none. */
  protected async findLogin(id: string): Promise<{ at: number, kept?: KeptLogin | undefined }> {
    const parts = parseId(id)
    if (parts === undefined) return { at: await this.time() }
    const keys = [personKey(parts.partition), loginKey(parts)]
    const { records: [person, login], now } = await this.documents.read<PersonRecord | KeptLogin>(keys)
    return { at: now, kept: currentLogin(login as KeptLogin | undefined, person as PersonRecord | undefined, now) }
  }

  /**
   * Changes a login where `move` gives another one. @param passed a ledger of the login's person, cleared in any case.
   */
  private async movesLogin(
    id: string, move: (login: KeptLogin, now: number) => KeptLogin | undefined, passed?: LedgerKey,
  ): Promise<boolean> {
    const moved = await this.changeLogin(id, (kept, now) => {
      const login = kept && move(kept, now)
      return { login, answer: login !== undefined }
    }, passed)
    return moved === true
  }

  /** `undefined`: the id is malformed. */
  private async changeLogin<Answer>(
    id: string, decide: (login: KeptLogin | undefined, now: number) => LoginDecision<Answer>, passed?: LedgerKey,
  ): Promise<Answer | undefined> {
    const parts = parseId(id)
    if (parts === undefined) return undefined
    const factor = passed && requireShared(id, passed).factor
    const keys = [personKey(parts.partition), loginKey(parts)]
    return this.documents.change<PersonRecord | KeptLogin, Answer>(keys, (records, now) => {
      const [person, before] = records as [PersonRecord | undefined, KeptLogin | undefined]
      const { login = before, answer } = decide(currentLogin(before, person, now), now)
      const left = factor === undefined ? person : settledPerson(person, factor, 'passed', now)
      return { records: [left, login], answer }
    })
  }
}
