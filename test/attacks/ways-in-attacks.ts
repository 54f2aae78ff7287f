import { Visitor } from '../../packages/mobileconnect-simulator/test/support/visitor.js'
import { crossSiteNavigation, type Attack, type Site } from './attack.js'
import { postJson, type Call } from './target.js'

/** An app whose login has got a second factor, and that may have kept ways in from the time before. */
export interface WaysInTarget extends Site {
  /** A page behind `req.isAuthenticated()`, the guard that the app always had. */
  readonly guarded: string
  /** The posts by which earlier versions of the app logged people in, made with the right password. */
  readonly oldWays: readonly Call[]
  /** A route of an API that hands out a token for a password, and the page that takes the token. */
  readonly token: { readonly ask: Call, readonly page: string }
  /** Runs the version of before, lets the victim log in there by password, and deploys. Gives the victim's browser. */
  readonly sessionOfBefore: () => Promise<Visitor>
  /** A login at another site, by OAuth 2. */
  readonly social: {
    /** The post that begins it. */
    readonly begin: Call
    /** What the provider sends this browser back with, once the attacker has logged in there. */
    readonly answerFor: (authorizationUrl: string) => Promise<string>
  }
}

const isIn = async (target: WaysInTarget, visitor: Visitor, path = target.guarded): Promise<boolean> =>
  (await visitor.request(target.url + path)).status === 200

/** Begins a login at the other site, and gives the address that the browser is sent to. */
async function beginSocial(target: WaysInTarget, visitor: Visitor): Promise<string> {
  const response = await postJson(visitor, target.url, target.social.begin)
  const { url } = response.status === 200 ? await response.json() as { url?: string } : {}
  return url ?? response.headers.get('location') ?? ''
}

export const waysInAttacks: readonly Attack<WaysInTarget>[] = [
  {
    id: 'G-01',
    hole: 'an old way in that was left in the app logs in by the password alone',
    async succeeds(target) {
      for (const way of target.oldWays) {
        const thief = new Visitor()
        await postJson(thief, target.url, way)
        if (await isIn(target, thief)) return true
      }
      return false
    },
  },
  {
    id: 'G-02',
    hole: 'a session that began before the second factor came is still logged in',
    async succeeds(target) {
      const visitor = await target.sessionOfBefore()
      return isIn(target, visitor)
    },
  },
  {
    id: 'G-03',
    hole: 'a route that keeps no session hands out a token for the password alone',
    async succeeds(target) {
      const thief = new Visitor()
      const response = await postJson(thief, target.url, target.token.ask)
      if (response.status !== 200) return false
      const { token } = await response.json() as { token: string }
      return (await fetch(target.url + target.token.page, { headers: { authorization: `Bearer ${token}` } })).status === 200
    },
  },
  {
    id: 'C-01',
    hole: 'a page of another site logs its visitor in as the attacker, by an answer without state',
    async succeeds(target) {
      const answer = await target.social.answerFor(await beginSocial(target, new Visitor()))
      const victim = new Visitor()
      await victim.request(answer, { headers: crossSiteNavigation })
      if (await isIn(target, victim)) return true
      // A victim who has just begun the same login.
      const busy = new Visitor()
      await beginSocial(target, busy)
      await busy.request(await target.social.answerFor(await beginSocial(target, new Visitor())), { headers: crossSiteNavigation })
      return isIn(target, busy)
    },
  },
]
