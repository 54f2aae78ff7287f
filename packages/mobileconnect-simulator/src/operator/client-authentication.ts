import type { RequestHandler } from 'express'
import type { RegisteredClient } from './context.js'

/**
 * HTTP Basic as real gateways read it: base64 of `id:secret`, byte by byte. RFC 6749 §2.3.1 percent-encodes both first,
 * oidc-provider takes either, and a client that would fail in the field would pass here.
 */
export const rawBasic = (clients: readonly RegisteredClient[]): RequestHandler => (req, res, next) => {
  const [, encoded] = /^Basic ([\w+/=-]+)$/i.exec(req.headers.authorization ?? '') ?? []
  if (encoded === undefined) return next()
  const given = Buffer.from(encoded, 'base64').toString()
  const client = clients.find(({ clientId, clientSecret }) => given === `${clientId}:${clientSecret}`)
  if (client?.clientAuth === 'basic-raw') {
    // Percent-encoded, for oidc-provider, which would decode a raw one.
    req.headers.authorization = `Basic ${Buffer.from([client.clientId, client.clientSecret].map(encodeURIComponent).join(':')).toString('base64')}`
    return next()
  }
  if (clients.some(({ clientAuth }) => clientAuth === 'basic') && client === undefined) return next()
  res.status(401).set('WWW-Authenticate', 'Basic realm="Mobile Connect"')
    .json({ error: 'invalid_client', error_description: 'Client Id or Client Secret is invalid' })
}
