import { startSimulator, type SimulatedOperator, type Simulator } from 'mobileconnect-simulator'
import type { OperatorOptions } from 'passport-mobileconnect'
import { startApp, type App, type AppOptions, type Tab } from './app.js'

export const ada = '+447700900001'
export const grace = '+447700900002'

export const configured = ({ id, issuer, clientId, clientSecret }: SimulatedOperator): OperatorOptions => ({ id, issuer, clientId, clientSecret })

export const hinted = (number: string) => () => `MSISDN:${number.slice(1)}`

/** Begins a login, and has the handset answer: the address that the operator sends the browser back to. */
export async function comeBack(sim: Simulator, app: App, tab: Tab, { number = ada, answer = 'approve', pin }: { number?: string, answer?: 'approve' | 'deny' | 'ignore', pin?: string } = {}) {
  const begun = await tab.get('/login')
  return answered(sim, app, tab, begun.location!, { number, answer, ...pin === undefined ? {} : { pin } })
}

export async function answered(sim: Simulator, app: App, tab: Tab, location: string, { number = ada, answer = 'approve', pin }: { number?: string, answer?: 'approve' | 'deny' | 'ignore', pin?: string } = {}) {
  const at = await tab.browser.follow(location, app.origin)
  const handset = sim.handset(number)
  await handset.next()
  await handset[answer](pin === undefined ? {} : { pin })
  return tab.browser.follow(at, app.origin)
}

/** Two operators, and an app that knows both, or the first. */
export async function stage(make: (sim: Simulator, origin: string) => AppOptions = (sim) => ({ operator: configured(sim.operator('a')), loginHint: hinted(ada) }), options: Parameters<typeof startSimulator>[0] = {}) {
  const sim = await startSimulator(options)
  const app = await startApp((origin) => make(sim, origin))
  return { sim, app, close: async () => { await app.close(); await sim.close() } }
}

export const path = (url: string): string => url.slice(new URL(url).origin.length)
