import type { RequestHandler, Response } from 'express'
import type { Clock } from '../clock.js'
import type { Client, Credentials } from '../configuration.js'
import { digitsOf } from '../msisdn.js'
import { isLoopback } from '../operator/clients.js'
import { foundAnswer } from './answer.js'
import type { Directory } from './directory.js'
import { isRawBasic, networkOf, discoveryFields } from './request.js'
import type { Choice } from './selection.js'

interface Service {
  readonly directory: Directory
  readonly clients: readonly Client[]
  readonly credentials: readonly Credentials[]
  readonly clock: Clock
  /** Begins a choice of the person; where. */
  readonly select: (choice: Choice) => string
}

/**
 * Who is this person's operator: by network, by number, or 202 and the page where the person says so (GSMA Discovery
 * v2).
 */
export const discover =
  ({ directory, clients, credentials, clock, select }: Service): RequestHandler =>
    async (req, res) => {
      const params = discoveryFields(req)
      const client = credentials.findIndex((pair) => isRawBasic(req, pair))
      if (client < 0) return unauthorized(res)
      const { Redirect_URL: redirectUrl, MSISDN: msisdn, correlation_id: correlationId } = params
      if (redirectUrl === undefined || !mayReturn(clients[client], redirectUrl)) { return invalid(res, 'Redirect_URL is missing, or is not the registered one') }
      const network = networkOf(params)
      if (network === 'malformed') return invalid(res, 'MCC has 3 digits and MNC has 2 or 3; both or none are given')
      if (network === undefined && msisdn === undefined) { return selection(req.accepts(['json', 'html']) === 'html', res, select({ redirectUrl, correlationId })) }
      const digits = digitsOf(msisdn ?? '')
      const operator = network ? directory.byNetwork(network) : directory.byNumber(digits)
      if (!operator) return void res.json({ error: 'Not_Found_Entity', description: 'Operator Not Found' })
      const known = directory.byNumber(digits) === operator ? digits : undefined
      res.json(await foundAnswer(operator, { client, digits: known, correlationId, now: clock.now() }))
    }

const mayReturn = (client: Client | undefined, url: string): boolean =>
  client?.redirectUris?.includes(url) ?? isLoopback(url)

function selection(html: boolean, res: Response, href: string): void {
  if (html) res.redirect(302, href)
  else res.status(202).json({ links: [{ rel: 'operatorSelection', href }] })
}

const unauthorized = (res: Response): void => void res.status(401).set('WWW-Authenticate', 'Basic realm="Discovery"')
  .json({ error: 'unauthorized', error_description: 'The credentials are missing or wrong' })

const invalid = (res: Response, description: string): void =>
  void res.status(400).json({ error: 'invalid_request', error_description: description })
