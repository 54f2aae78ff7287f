import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ErrorRequestHandler } from 'express'
import type { Site } from './attack.js'

/** An app on loopback. */
export async function serve(app: RequestListener): Promise<Site> {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers an error by its status, and writes nothing to the terminal. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters
export const statusOnly: ErrorRequestHandler = (error, _req, res, _next) => { res.status((error as { status?: number }).status ?? 500).end() }
