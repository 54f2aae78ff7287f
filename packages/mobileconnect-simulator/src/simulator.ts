import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { readConfiguration, checkSubscriber, type Configuration } from './configuration.js'
import type { SimulatorOptions, SubscriberOptions } from './options.js'
import { startCamara, type RunningCamara } from './camara/camara.js'
import type { SimulatedCamara } from './camara/simulated-camara.js'
import { startDiscovery } from './discovery/discovery.js'
import type { SimulatedDiscovery } from './discovery/simulated-discovery.js'
import { SimulatorError } from './errors.js'
import { handsetOf, type Handset } from './handsets/handset.js'
import { Handsets } from './handsets/handsets.js'
import { handsetRouter } from './handsets/routes.js'
import { digitsOf } from './msisdn.js'
import { overviewPage } from './pages/overview.js'
import { sendPage } from './pages/page.js'
import { isLoopback } from './operator/clients.js'
import { startOperator, type RunningOperator } from './operator/operator.js'
import type { SimulatedOperator } from './operator/simulated-operator.js'

/** Operators, discovery, CAMARA's APIs and handsets on loopback, until `close()`. */
export interface Simulator {
  /** `http://127.0.0.1:<port>`: a page of all handsets is there. */
  readonly url: string
  readonly discovery: SimulatedDiscovery
  /** CAMARA's network APIs over all operators, and the authorization server before them. */
  readonly camara: SimulatedCamara
  readonly operators: readonly SimulatedOperator[]
  /** All prompts, for a page of your own; `handsetRoutes(sim.handsets)` is one ready-made. */
  readonly handsets: Handsets
  /** @throws SimulatorError for an id that is not there. */
  operator(id: string): SimulatedOperator
  /** @throws SimulatorError for a number that is not a subscriber's. */
  handset(msisdn: string): Handset
  /** One more subscriber, while it runs. */
  addSubscriber(subscriber: SubscriberOptions): Handset
  /** Ends what is under way, and leaves nothing open. */
  close(): Promise<void>
}

/** See `startSimulator` in on-demand.ts. */
export async function runSimulator(options?: SimulatorOptions): Promise<Simulator> {
  const configuration = readConfiguration(options)
  const server = await listening(configuration.port)
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const closing = new AbortController()
  const handsets = new Handsets(configuration.subscribers, configuration.clock)
  const surroundings = { configuration, handsets, base, closed: closing.signal }
  const operators = await Promise.all(configuration.operators.map((operator) => startOperator(operator, surroundings)))
  const discovery = startDiscovery(operators, surroundings)
  const camara = startCamara(surroundings)
  server.on('request', appOf({ operators, discovery, camara, handsets }))
  return simulatorOf({
    configuration,
    base,
    handsets,
    operators,
    discovery: discovery.control,
    camara: camara.control,
    close: () => closeServer(server, closing),
  })
}

interface Running {
  readonly operators: readonly RunningOperator[]
  readonly discovery: ReturnType<typeof startDiscovery>
  readonly camara: RunningCamara
  readonly handsets: Handsets
}

function appOf({ operators, discovery, camara, handsets }: Running) {
  const app = express().disable('x-powered-by').use(onlyLoopback)
  operators.forEach(({ control, router }) => app.use(`/${control.id}`, router))
  app.use('/v2/discovery', discovery.router)
  app.use('/camara', camara.router)
  app.use('/handsets', handsetRouter(handsets))
  app.get('/', (_req, res) =>
    sendPage(
      res,
      200,
      overviewPage({
        operators: operators.map(({ control }) => control),
        discovery: discovery.control,
        camara: camara.control,
      }),
    ),
  )
  app.use(hideErrors)
  return app
}

/** Refuses other host names. One that resolves to 127.0.0.1 would make a foreign page same-origin (DNS rebinding). */
const onlyLoopback: express.RequestHandler = (req, res, next) => {
  if (isLoopback(`http://${req.headers.host ?? ''}`)) next()
  else res.status(421).type('text').send('The simulator answers on 127.0.0.1 only.')
}

/** Express would show a stack. */
const hideErrors: express.ErrorRequestHandler = (error: { status?: number }, _req, res, next) => {
  const { status = 500 } = error
  if (res.headersSent) next(error)
  else {
    res
      .status(status)
      .json({
        error: status < 500 ? 'invalid_request' : 'server_error',
        error_description: 'The request cannot be served.',
      })
  }
}

interface Parts {
  readonly configuration: Configuration
  readonly base: string
  readonly handsets: Handsets
  readonly operators: readonly RunningOperator[]
  readonly discovery: SimulatedDiscovery
  readonly camara: SimulatedCamara
  readonly close: () => Promise<void>
}

function simulatorOf({ configuration, base, handsets, operators, discovery, camara, close }: Parts): Simulator {
  const controls = operators.map(({ control }) => control)
  const { subscribers } = configuration
  return {
    url: base, discovery, camara, handsets, operators: controls, close,
    operator: (id) => {
      const found = controls.find((operator) => operator.id === id)
      if (!found) {
        throw new SimulatorError(
          'operator_unknown',
          `There is no operator ${id}. There are ${controls.map((operator) => operator.id).join(', ')}.`,
        )
      }
      return found
    },
    handset: (msisdn) => {
      const subscriber = subscribers.find(({ digits }) => digits === digitsOf(msisdn))
      if (!subscriber) {
        throw new SimulatorError(
          'subscriber_unknown',
          `${msisdn} is no subscriber: name it in startSimulator({ subscribers }).`,
        )
      }
      return handsetOf(handsets, subscriber)
    },
    addSubscriber: (options) => {
      const subscriber = checkSubscriber(options, configuration.operators)
      const known = subscribers.find(({ digits }) => digits === subscriber.digits)
      if (!known) subscribers.push(subscriber)
      return handsetOf(handsets, known ?? subscriber)
    },
  }
}

const listening = (port: number): Promise<Server> => new Promise((resolve, reject) => {
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) => {
    reject(
      error.code === 'EADDRINUSE'
        ? new SimulatorError('port_in_use', `Port ${port} is taken: give another, or 0 for any free one.`)
        : error,
    )
  })
  // Loopback only, because every client that reaches the simulator can log in as anybody.
  server.listen(port, '127.0.0.1', () => resolve(server))
})

async function closeServer(server: Server, closing: AbortController): Promise<void> {
  closing.abort()
  const done = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await done
}
