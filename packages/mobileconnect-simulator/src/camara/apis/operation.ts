import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { AccessToken } from '../tokens/access-tokens.js'
import type { CamaraContext } from '../tokens/context.js'
import { DpopError, provenKey } from '../tokens/dpop.js'
import type { ApiScope } from '../tokens/scopes.js'
import { ApiError, problemOf } from './problems.js'

export interface Call {
  readonly token: AccessToken
  /** What was posted; empty for a request without a body. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface Operation {
  /** One of these is enough. */
  readonly scopes: readonly ApiScope[]
  /** The members that a body may have; unknown ones are refused (Commonalities r4.3). */
  readonly members?: readonly string[]
  /** The answer's body; without one the answer is 204. @throws ApiError */
  readonly answer: (call: Call) => object | undefined
}

/** One operation of an API: the token first, then its scope, then what was posted. */
export const operation =
  (context: CamaraContext, { scopes, members, answer }: Operation): RequestHandler =>
    async (req, res) => {
      const token = await tokenOf(context, req)
      if (!scopes.some((scope) => token.scopes.includes(scope))) throw new ApiError('PERMISSION_DENIED')
      const result = answer({ token, body: members ? bodyOf(req, members) : {} })
      if (result === undefined) res.status(204).end()
      else res.json(result)
    }

/** The token of the `Authorization` header: a bearer's (RFC 6750 §2.1), or one bound to a key (RFC 9449 §7.1). */
async function tokenOf(context: CamaraContext, req: Request): Promise<AccessToken> {
  const [, scheme = '', value = ''] = /^(Bearer|DPoP) ([\w.~+/-]+=*)$/i.exec(req.get('authorization') ?? '') ?? []
  const key = scheme.toLowerCase() === 'dpop' ? await keyOf(context, req, value) : undefined
  const token = context.accessTokens.take(value, key)
  if (!token) throw new ApiError('UNAUTHENTICATED')
  return token
}

const keyOf = async (context: CamaraContext, req: Request, accessToken: string): Promise<string | undefined> =>
  provenKey(context, req, { url: `${context.apiRoot}${req.path}`, accessToken }).catch((error: unknown) => {
    throw error instanceof DpopError ? new ApiError('UNAUTHENTICATED') : error
  })

function bodyOf(req: Request, members: readonly string[]): Readonly<Record<string, unknown>> {
  const body = req.body as unknown
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new ApiError('INVALID_ARGUMENT')
  if (Object.keys(body).some((name) => !members.includes(name))) throw new ApiError('INVALID_ARGUMENT')
  return body as Record<string, unknown>
}

/** `x-correlator` of the published documents: it comes back as it was sent. */
export const correlator: RequestHandler = (req, res, next) => {
  const value = req.get('x-correlator')
  if (value === undefined) return next()
  if (!/^[a-zA-Z0-9_:;./<>{}-]{0,256}$/.test(value)) throw new ApiError('INVALID_ARGUMENT')
  res.set('x-correlator', value)
  next()
}

/** Answers in the published shape, also for a body that cannot be read. */
export const sendProblem: ErrorRequestHandler = (error: { status?: number }, _req, res: Response, next) => {
  const unreadable = !(error instanceof ApiError) && error.status !== undefined && error.status < 500
  if (!(error instanceof ApiError) && !unreadable) return next(error)
  const problem = problemOf(error instanceof ApiError ? error.code : 'INVALID_ARGUMENT')
  if (problem.status === 401) res.set('WWW-Authenticate', 'Bearer error="invalid_token"')
  res.status(problem.status).json(problem)
}
