import type { Request } from 'express'
import type { Login } from '../login.js'
import { accounts } from '../users/accounts.js'
import { asUser } from '../users/users.js'
import { switches } from '../network/lines.js'
import { knowledgeOf, type Knowledge } from './knowledge.js'

/** An account as the script of the phone sees it: whose texts are shown, and what fills in the login. */
interface Person {
  readonly id: string
  readonly password: string
  /** This browser logs in, or is logged in, as this person. */
  readonly isHere: boolean
}

/** What stands beside every page while no real texts are sent. */
export interface Beside {
  readonly people: readonly Person[]
  readonly knows: Knowledge
  readonly switches: typeof switches
}

/** `chosen` is the factor that the page shows. */
export async function besideOf(login: Login, req: Request, chosen?: string): Promise<Beside> {
  const { user = req.user } = await login.progress(req)
  const here = user && asUser(user).id
  const people = accounts.map(({ id, password }) => ({ id, password, isHere: id === here }))
  return { people, switches, knows: await knowledgeOf(login, req, chosen) }
}
