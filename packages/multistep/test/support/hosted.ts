import type { MultistepOptions } from '../../src/index.js'
import { browser, buildApp, type Setup } from './app.js'
import type { Backend } from './stores.js'

export const right = { code: '246810' }
export const nobody = { authenticated: false, user: null, amr: [] }

/** An app of the tests on these backends: sessions and flows live where the backend keeps them. */
export const hosted = <const F extends string>(backend: Backend, { options, ...setup }: Omit<Setup<F>, 'options'> & { options: MultistepOptions<F> }) => {
  const built = buildApp<F>({ session: { store: backend.sessions }, ...setup, options: { store: backend.flows, ...options } })
  return { ...built, browsing: browser(built.app) }
}

/** The keys of ours in the one session that there is. */
export async function onlySession(backend: Backend): Promise<{ id: string, passport?: unknown, multistep?: any }> {
  const sessions = Object.entries(await backend.keptSessions())
  if (sessions.length !== 1) throw new Error(`There are ${sessions.length} sessions.`)
  const [[id, kept]] = sessions as [[string, { passport?: unknown, multistep?: unknown }]]
  return { id, ...kept }
}
