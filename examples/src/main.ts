import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import { createApp, simulatesOperators } from './app.js'
import { databaseName } from './stores/database.js'
import { readSettings, SettingsError, type Settings } from './settings.js'

/** What is embedded, and what is real. */
function inventory(settings: Settings): string {
  const { redis, database, secrets, twilio, countries } = settings
  const given = secrets?.session !== undefined && secrets.otp !== undefined
  const place = redis ? 'Redis' : 'the database'
  const made = redis || database ? `made by the first process and kept in ${place}; SESSION_SECRET and OTP_KEY keep them out of it` : 'new at each start, so a restart ends all logins'
  return [
    `Stores    ${stores(settings)}`,
    `Texts     ${twilio ? `real: Twilio, from ${twilio.from} to ${countries?.join(', ')}` : 'embedded: nothing is sent, everything is shown to everybody at /handset'}`,
    `Operators ${operators(settings)}`,
    `Secrets   ${given ? 'real: from SESSION_SECRET and OTP_KEY' : `embedded: ${made}`}`,
  ].join('\n')
}

const stores = ({ redis, database }: Settings): string => {
  if (redis) return `real: Redis at ${new URL(redis.url).host}`
  if (database) return `real: ${databaseName(database.url)}`
  return 'embedded: the memory of this process (REDIS_URL moves them to Redis, DATABASE_URL to a database)'
}

const operators = (settings: Settings): string => {
  if (settings.operator) return `real: ${settings.operator.issuer}`
  if (simulatesOperators(settings)) return 'embedded: two simulated ones, whose subscribers answer at /handset'
  return 'none: Mobile Connect is off. MOBILECONNECT_ISSUER, _CLIENT_ID and _CLIENT_SECRET name a real one'
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

/** Waits for a signal to end; a second one ends at once. */
const asked = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })

async function end(server: Server, close: () => Promise<void>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  // Requests under way have a moment; open event streams never end by themselves.
  setTimeout(() => server.closeAllConnections(), 500).unref()
  await closed
  await close()
}

async function main(): Promise<void> {
  const settings = readSettings(process.env)
  console.log(inventory(settings))
  // The address must be known before the app: operators send people back there.
  let app: Express | undefined
  const server = createServer((req, res) => {
    if (app) app(req, res)
    else res.writeHead(503, { 'Retry-After': '1', 'Content-Type': 'text/plain' }).end('The app is starting.\n')
  })
  const ending = asked()
  const address = await listen(server, settings.port)
  try {
    const { app: ready, close } = await createApp({ ...settings, url: settings.url ?? address })
    app = ready
    console.log(`\nAcme is at ${settings.url ?? address}`)
    await ending
    await end(server, close)
  } catch (error) {
    server.close()
    throw error
  }
}

const explain = (error: unknown): string => {
  if (error instanceof SettingsError) return error.message
  const { code, port } = error as { code?: string, port?: number }
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program. End that one, or choose another port: PORT=3001 npm start`
  if (code === 'EACCES') return `Port ${port} may not be used without special rights. Choose another one: PORT=3001 npm start`
  return error instanceof Error ? error.stack ?? error.message : String(error)
}

main().catch((error: unknown) => {
  console.error(explain(error))
  process.exit(1)
})
