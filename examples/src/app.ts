import { fileURLToPath } from 'node:url'
import ejs from 'ejs'
import express, { type Express, type RequestHandler } from 'express'
import session from 'express-session'
import helmet from 'helmet'
import { describe, errorHandler, notFound, unavailable } from './errors.js'
import { handsetRoutes } from './handset/routes.js'
import { textSender, type TwilioCredentials } from './handset/sender.js'
import { legacyRoutes } from './legacy.js'
import { createLogin, type LoginParts } from './login.js'
import { noPrompts } from './mobile-connect/prompts.js'
import { simulatedOperators } from './mobile-connect/simulator.js'
import type { OperatorCredentials } from './mobile-connect/strategy.js'
import { noLines } from './network/lines.js'
import { ownName } from './own-name.js'
import { beside, pages, viewer } from './pages.js'
import { databaseStores, type DatabaseUrl } from './stores/database.js'
import { memoryStores, redisStores, type RedisOptions, type Stores } from './stores/stores.js'
import type { Secrets } from './stores/secrets.js'
import { listen, memoryHappenings } from './tour/happenings.js'
import { besidePhone } from './tour/page.js'
import { handOutCodes } from './users/recovery-sheet.js'
import { createUsers } from './users/users.js'

export interface AppOptions {
  /** Where everything is kept. Default: in this process. */
  readonly redis?: RedisOptions | undefined
  /** The same, in a database. Default: none. */
  readonly database?: DatabaseUrl | undefined
  /** Default: made by this process or, with Redis, by the first one. */
  readonly secrets?: Partial<Secrets> | undefined
  /** Of this app, as browsers see it: mobile operators send people back there. Default: `'http://localhost:3000'`. */
  readonly url?: string | undefined
  /** Sends real texts. Default: they arrive on the handset. */
  readonly twilio?: TwilioCredentials | undefined
  /** ISO 3166 regions that real texts go to. */
  readonly countries?: readonly string[] | undefined
  /** A real mobile operator. Default: two simulated ones, while no real texts are sent. */
  readonly operator?: OperatorCredentials | undefined
  /** What mobile operators are asked for: from 3 on, people enter a PIN. Default: 2. */
  readonly levelOfAssurance?: number | undefined
  /** Express' setting `trust proxy`. Default: none is trusted. */
  readonly trustProxy?: string | number | undefined
  /** Where faults and outages are told. Default: the terminal. */
  readonly log?: ((line: string) => void) | undefined
}

export interface App {
  readonly app: Express
  /** Lets go of Redis or the database, and of the simulated operators. */
  readonly close: () => Promise<void>
}

/** Whether mobile operators are simulated: everyone who can reach these can log in as anybody. */
export const simulatesOperators = ({ twilio, operator }: Pick<AppOptions, 'twilio' | 'operator'>): boolean =>
  operator === undefined && twilio === undefined && process.env.NODE_ENV !== 'production'

/** The whole app, without a port. Waits for Redis, where it uses one. */
export async function createApp(options: AppOptions = {}): Promise<App> {
  const {
    secrets = {},
    url = 'http://localhost:3000',
    twilio,
    countries,
    operator,
    levelOfAssurance = 2,
    trustProxy,
    log = console.error,
  } = options
  const stores = await storesFor(options, secrets, log)
  const simulator = simulatesOperators(options) ? await simulatedOperators(stores.simulator) : undefined
  const lines = simulator?.lines ?? noLines
  const happenings = memoryHappenings()
  const sender = textSender({ handset: stores.handset, lines, happenings }, twilio)
  const users = createUsers({ numbers: stores.numbers, links: stores.links, withPhones: sender.development === true })
  const render = sender.development ? besidePhone(() => login) : undefined
  const parts: LoginParts = createLogin({
    users,
    stores,
    sender,
    countries,
    url,
    operators: operator ?? simulator,
    levelOfAssurance,
    render,
  })
  const { login } = parts
  listen(happenings, login, parts.otp)
  if (sender.development) await handOutCodes(stores.sheet, stores.recoveryCodes)
  // Codes of ada's that the login's own page has replaced are dead.
  login.on('recovery.generated', ({ userId }) => {
    if (userId === 'ada') {
      stores.sheet.tear().catch((error: unknown) => log(`The sheet still shows old codes: ${describe(error)}`))
    }
  })
  // The answer of a factor that broke does not pass by the error handler.
  login.on('step.failed', ({ factor, code, error }) => {
    if (error !== undefined && code !== 'store_unavailable') log(`The factor ${factor} broke: ${describe(error)}`)
  })

  const app = express()
  if (trustProxy !== undefined) app.set('trust proxy', trustProxy)
  app.engine('ejs', ejs.renderFile).set('view engine', 'ejs').set('views', folder('views'))
  app.use(headers, express.static(folder('public'), { index: false }))
  app.get('/favicon.ico', (_req, res) => res.redirect(301, '/icon.svg'))
  app.get('/healthz', health(stores))
  app.use(['/login/mobileconnect/callback', '/login/number-verification/callback'], ownName(url))
  app.use(ready(stores), sessions(stores))
  app.use(express.urlencoded({ extended: false, limit: '16kb' }), express.json({ limit: '16kb' }))
  app.use(login.session())
  app.use('/login', login.router())
  app.use('/legacy', legacyRoutes())
  app.use(viewer(login))
  if (sender.development) app.use(beside(login))
  if (sender.development) app.use('/handset', handsetRoutes({
    ...stores, users, prompts: simulator?.prompts ?? noPrompts, lines, happenings,
  }))
  app.use(pages({ ...parts, users, sender, log, sheet: stores.sheet }), notFound, errorHandler(log))
  return {
    app,
    close: async () => {
      await simulator?.close()
      await stores.close()
    },
  }
}

async function storesFor(
  { redis, database }: AppOptions,
  secrets: Partial<Secrets>,
  log: (line: string) => void,
): Promise<Stores> {
  if (redis) return redisStores(redis, secrets, log)
  return database ? databaseStores(database, secrets, log) : memoryStores(secrets)
}

/** Beside this file's folder, whether it runs from `src` or from `dist`. */
const folder = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

const headers = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ['\'none\''],
      styleSrc: ['\'self\''],
      scriptSrc: ['\'self\''],
      imgSrc: ['\'self\''],
      connectSrc: ['\'self\''],
      formAction: ['\'self\''],
      frameAncestors: ['\'none\''],
      baseUri: ['\'none\''],
    },
  },
  // `no-referrer` would make our own forms send `Origin: null`.
  referrerPolicy: { policy: 'same-origin' },
})

const health = (stores: Stores): RequestHandler => async (_req, res) => {
  await stores.check()
  res.set('Cache-Control', 'no-store').json({ status: 'ok' })
}

/** While the stores are known to be away, nothing waits for them. */
const ready = (stores: Stores): RequestHandler => (_req, _res, next) => {
  next(stores.isReady() ? undefined : unavailable())
}

const sessions = ({ sessions: store, secrets }: Stores): RequestHandler =>
  session({
    name: 'sid',
    secret: secrets.session,
    store,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  })
