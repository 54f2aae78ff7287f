import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import session, { MemoryStore, type SessionData } from 'express-session'
import { done, refusedAt } from '../src/account/answers.js'
import { AppError } from '../src/errors.js'

/** A store that takes a while, as a database may. */
class SlowStore extends MemoryStore {
  stored = 0
  override set(sid: string, data: SessionData, callback?: (error?: unknown) => void): void {
    setTimeout(() => {
      super.set(sid, data, (error) => {
        this.stored += 1
        callback?.(error)
      })
    }, 50)
  }
}

it.each([
  ['that says what was done', '/done'],
  ['that says what cannot be done', '/refused'],
])('a redirect %s leaves once its sentence is stored, so that the page behind it can show it', async (_, path) => {
  const store = new SlowStore()
  const app = express()
  app.use(session({ secret: 'x'.repeat(32), resave: false, saveUninitialized: false, store }))
  app.post('/done', (req, res) => done(req, res, { page: '/page', text: 'Done.', data: {} }))
  app.post('/refused', refusedAt('/page', async () => { throw new AppError(400, 'no', 'It cannot be done.') }))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const asked = request({ port, path, method: 'POST', headers: { accept: 'text/html' } }).end()
  const [answer] = await once(asked, 'response') as [IncomingMessage]
  expect([answer.statusCode, answer.headers.location, store.stored]).toEqual([303, '/page', 1])
  answer.resume()
  await once(answer, 'end')
  expect(store.stored).toBe(1)
  server.close()
  server.closeAllConnections()
})
