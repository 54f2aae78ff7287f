import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { simIsNewAt } from '../src/network/sim-swaps.js'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const app = privateKey.export({ type: 'pkcs8', format: 'pem' })

/** Asks an operator who gives tokens, and this answer about a number. */
async function asked(status: number, body: object): Promise<boolean> {
  const operator = createServer((req, res) => {
    const [code, told] = req.url?.endsWith('/token') ? [200, { access_token: 'a', token_type: 'Bearer', expires_in: 60 }] : [status, body]
    res.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  })
  await once(operator.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(operator.address() as AddressInfo).port}`
  try {
    return await simIsNewAt({ network: { apiRoot: url, issuer: url, clientId: 'acme' }, keys: { app } } as never)('+447400123456')
  } finally {
    operator.close()
  }
}

it.each<[string, boolean, number, object]>([
  ['says that it was swapped', true, 200, { swapped: true }],
  ['says that it was not swapped', false, 200, { swapped: false }],
  ['does not have the number', false, 404, { status: 404, code: 'IDENTIFIER_NOT_FOUND', message: 'None.' }],
  ['is out of order', true, 503, { status: 503, code: 'UNAVAILABLE', message: 'Later.' }],
])('an operator who %s leaves a SIM card that counts as new: %s', async (_, isNew, status, body) => {
  expect(await asked(status, body)).toBe(isNew)
})
