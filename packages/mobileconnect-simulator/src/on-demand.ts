import type { SimulatorOptions } from './options.js'
import type { Handsets } from './handsets/handsets.js'
import type { Middleware } from './handsets/routes.js'
import type { Simulator } from './simulator.js'

// An app may import this package and start no simulator, as in production: it does not load Express and all else for
// that.

/**
 * Mobile operators, the discovery service and handsets, on 127.0.0.1.
 * @example
 * const sim = await startSimulator()
 * const { issuer, clientId, clientSecret } = sim.operator('a') // for your strategy
 * await sim.handset('+447700900001').approve() // the subscriber says yes
 * await sim.close()
 */
export async function startSimulator(options?: SimulatorOptions): Promise<Simulator> {
  const simulator = await import('./simulator.js')
  return simulator.runSimulator(options)
}

/**
 * The handsets as a page and as JSON, for an Express app: `GET /` (page), `GET /prompts?msisdn=`, `POST
 * /prompts/:id/approve` `{ pin? }`, `…/deny`, `…/ignore`; `GET /lines`, `POST /lines/:msisdn/network` `{ network }`,
 * `…/swap-sim`, `…/swap-device`, `…/deliver-texts` `{ how, times? }`.
 * @example
 * app.use('/handset', handsetRoutes(sim.handsets))
 */
export function handsetRoutes(handsets: Handsets): Middleware {
  let loaded: Promise<Middleware> | undefined
  return (req, res, next) => {
    loaded ??= import('./handsets/routes.js').then((routes) => routes.handsetRouter(handsets))
    loaded.then((handle) => { handle(req, res, next) }, next)
  }
}
