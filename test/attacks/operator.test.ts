import { startSimulator, type Simulator } from 'mobileconnect-simulator'
import { createApp } from '../../examples/src/app.js'
import { findHoles, type Site } from './attack.js'
import { naiveOperatorApp } from './naive-operator-app.js'
import { discoveryAttacks, operatorAttacks, type DiscoveryTarget, type OperatorTarget, type Phone } from './operator-attacks.js'
import { serve } from './serve.js'

const ada = { id: 'ada', password: 'lovelace-1815', phone: '+447400123456' }
const eve = { id: 'eve', password: 'eaves-1984', phone: '+447400123457' }

/** One operator, whose subscribers are the victim and the thief. */
const operators = (): Promise<Simulator> => startSimulator({
  operators: [{ id: 'a', mcc: '001', mnc: '01' }],
  subscribers: [ada, eve].map(({ phone }) => ({ msisdn: phone, operator: 'a' })),
})

const phoneOf = (sim: Simulator, number: string): Phone => ({
  number,
  prompts: async () => sim.handset(number).pending().map(({ bindingMessage, context }) => [bindingMessage, context].join(' ')),
  approve: async () => { while (sim.handset(number).pending().length > 0) await sim.handset(number).approve() },
})

const phonesOf = (sim: Simulator) => ({ victim: phoneOf(sim, ada.phone), thief: phoneOf(sim, eve.phone) })

const closing = (site: Site, ...others: { close(): Promise<unknown> }[]) => async () => {
  await site.close()
  for (const other of others) await other.close()
}

async function startNaive() {
  const sim = await operators()
  let url = ''
  const app = await naiveOperatorApp(sim, [ada, eve], () => url)
  const site = await serve(app)
  url = site.url
  return { sim, site }
}

async function naive(): Promise<OperatorTarget> {
  const { sim, site } = await startNaive()
  return {
    url: site.url,
    guarded: '/account',
    password: { path: '/login', body: { username: ada.id, password: ada.password } },
    begin: { path: '/operator', body: {} },
    callback: '/callback',
    transfer: (payee, amount) => ({ path: '/transfer', body: { payee, amount } }),
    confirm: () => ({ path: '/operator', body: {} }),
    phones: phonesOf(sim),
    close: closing(site, sim),
  }
}

async function naiveDiscovery(): Promise<DiscoveryTarget> {
  const { sim, site } = await startNaive()
  return { url: site.url, guarded: '/account', link: '/operator', callback: '/callback', attacker: phoneOf(sim, eve.phone), close: closing(site, sim) }
}

/** The example of this repository, with an operator that has both as its subscribers. */
async function example(): Promise<OperatorTarget> {
  const sim = await operators()
  const { issuer, clientId, clientSecret } = sim.operator('a')
  const { site, app } = await serveExample({ operator: { issuer, clientId, clientSecret } })
  return {
    url: site.url,
    guarded: '/account',
    password: { path: '/login/local', body: { username: ada.id, password: ada.password } },
    begin: { path: '/login/mobileconnect', body: {} },
    callback: '/login/mobileconnect/callback',
    transfer: (payee, amount) => ({ path: '/transfer', body: { payee, amount } }),
    confirm: (answer) => ({ path: '/login/mobileconnect', body: { for: (answer as { requirement?: { id: string } }).requirement?.id } }),
    phones: phonesOf(sim),
    close: closing(site, app, sim),
  }
}

/** The example as it starts by itself: its operators are found by discovery, and ada's phone, whose owner attacks here, is on a page. */
async function exampleDiscovery(): Promise<DiscoveryTarget> {
  const { site, app } = await serveExample({})
  const prompts = async () => (await fetch(`${site.url}/handset/prompts?msisdn=${encodeURIComponent(ada.phone)}`, { headers: { accept: 'application/json' } })).json() as Promise<{ id: string, bindingMessage: string }[]>
  const attacker: Phone = {
    number: ada.phone,
    prompts: async () => (await prompts()).map(({ bindingMessage }) => bindingMessage),
    approve: async () => {
      for (const { id } of await prompts()) {
        await fetch(`${site.url}/handset/prompts/${id}/approve`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', origin: site.url } })
      }
    },
  }
  return { url: site.url, guarded: '/account', link: '/login/mobileconnect', callback: '/login/mobileconnect/callback', attacker, close: closing(site, app) }
}

async function serveExample(options: { operator?: { issuer: string, clientId: string, clientSecret: string } }) {
  const running: { app?: Parameters<typeof serve>[0] } = {}
  const site = await serve((req, res) => running.app?.(req, res))
  const app = await createApp({ ...options, url: site.url, log: () => {} })
  running.app = app.app
  return { site, app }
}

const named = (attacks: readonly { id: string, hole: string }[]) => attacks.map(({ id, hole }) => `${id}: ${hole}`)

describe('the attacks on a login by the mobile operator', () => {
  it('the attacks on a login by the mobile operator find every hole in an app that wrote it by hand', async () => {
    expect(await findHoles(naive, operatorAttacks)).toEqual(named(operatorAttacks))
    expect(await findHoles(naiveDiscovery, discoveryAttacks)).toEqual(named(discoveryAttacks))
  })

  it.each(operatorAttacks.map((attack) => [attack.id, attack.hole, attack] as const))('the attack (%s) finds no such hole in the example: %s', async (_id, _hole, attack) => {
    expect(await findHoles(example, [attack])).toEqual([])
  })

  it.each(discoveryAttacks.map((attack) => [attack.id, attack.hole, attack] as const))('the attack (%s) finds no such hole in the example with discovery: %s', async (_id, _hole, attack) => {
    expect(await findHoles(exampleDiscovery, [attack])).toEqual([])
  })
})
