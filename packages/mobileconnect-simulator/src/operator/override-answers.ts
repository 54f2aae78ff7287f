import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { requestingClient, requestParameters } from './oidc-request.js'
import { claimsOf } from './approvals.js'
import type { OperatorContext } from './context.js'
import { idToken } from './id-token.js'
import { takeDefect } from './take-defect.js'
import { tokenDefects } from './misbehaviour.js'
import { pollTimes } from './poll-times.js'

type Body = Record<string, unknown>

/**
 * Goes over oidc-provider's answers: the operator's own keys, Mobile Connect's claims, and the defects that were asked
 * for.
 */
export function overrideAnswers(context: OperatorContext) {
  const polls = pollTimes(context)
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    withoutSession(context, ctx)
    await next()
    withoutSessionCookie(context, ctx)
    const body = (typeof ctx.body === 'object' && ctx.body !== null ? ctx.body : undefined) as Body | undefined
    switch (ctx.path) {
      case '/.well-known/openid-configuration':
        if (body) ctx.body = metadata(context, body)
        break
      case '/jwks':
        ctx.body = { keys: context.state.publishedKeys.map(({ publicJwk }) => publicJwk) }
        break
      case '/token':
        if (body) await tokenAnswer(context, polls, ctx, body)
        break
      case '/backchannel':
        if (body?.auth_req_id !== undefined) ctx.body = { ...body, interval: context.interval / 1000 }
        break
      case '/userinfo':
        if (body?.sub !== undefined && takeDefect(context, ['userinfo-subject'])) {
          ctx.body = { ...body, sub: 'another-person' }
        }
        break
      default:
        responseIssuer(context, ctx)
    }
  }
}

/** `par-missing`: it does not say that it takes pushed requests. */
function metadata(context: OperatorContext, { pushed_authorization_request_endpoint: par, ...body }: Body): Body {
  return {
    ...body,
    subject_types_supported: ['pairwise'],
    ...(takeDefect(context, ['par-missing']) ? {} : { pushed_authorization_request_endpoint: par }),
  }
}

async function tokenAnswer(
  context: OperatorContext,
  polls: ReturnType<typeof pollTimes>,
  ctx: KoaContextWithOIDC,
  body: Body,
): Promise<void> {
  const id = requestParameters(ctx).auth_req_id
  if (body.error === 'authorization_pending' && id !== undefined && polls.tooEarly(id)) { ctx.body = { error: 'slow_down', error_description: 'you are polling too quickly' } }
  if (typeof body.id_token !== 'string') return
  if (isWrongMethod(context, ctx)) return refuseClient(ctx)
  const defect = takeDefect(context, tokenDefects)
  const client = requestingClient(context, ctx)
  const { id_token: _, ...rest } = body
  if (defect === 'id-token-missing') ctx.body = rest
  else {
    ctx.body = {
      ...body,
      id_token: await idToken(claims(context, ctx, body), context.state.signingKey, client?.clientSecret ?? '', defect),
    }
  }
}

function claims(
  context: OperatorContext,
  ctx: KoaContextWithOIDC,
  { id_token: given, access_token: accessToken }: Body,
) {
  const decoded = decodeJwt(String(given))
  const approval = context.approvals.get(ctx.oidc.entities.Grant?.jti ?? '')
  const ahead = Math.round((context.clock.ahead() + context.state.skew) / 1000)
  const { iat = 0, exp = 0 } = decoded
  const approved = approval ? claimsOf({ ...approval, at: approval.at + context.state.skew }) : {}
  const atHash = createHash('sha256').update(String(accessToken)).digest().subarray(0, 16).toString('base64url')
  return { ...decoded, azp: decoded.aud, iat: iat + ahead, exp: exp + ahead, at_hash: atHash, ...approved }
}

/** oidc-provider takes a secret from the header or the form alike; real gateways take it where it was agreed. */
function isWrongMethod(context: OperatorContext, ctx: KoaContextWithOIDC): boolean {
  return requestingClient(context, ctx)?.clientAuth !== 'post' && ctx.oidc.body?.client_secret !== undefined
}

function refuseClient(ctx: KoaContextWithOIDC): void {
  ctx.status = 401
  ctx.body = { error: 'invalid_client', error_description: 'Client Id or Client Secret is invalid' }
}

/** Without single sign-on, the session of another tab would disturb this login. So no request sees one. */
function withoutSession({ operator }: OperatorContext, ctx: KoaContextWithOIDC): void {
  const { cookie } = ctx.req.headers
  if (cookie !== undefined) {
    ctx.req.headers.cookie = cookie
      .split('; ')
      .filter((pair) => !pair.startsWith(`${operator.id}_session`))
      .join('; ')
  }
}

function withoutSessionCookie({ operator }: OperatorContext, ctx: KoaContextWithOIDC): void {
  const cookies = [ctx.res.getHeader('set-cookie') ?? []].flat().map(String)
  const others = cookies.filter((cookie) => !cookie.startsWith(`${operator.id}_session`))
  if (others.length < cookies.length) ctx.res.setHeader('set-cookie', others)
}

/** RFC 9207: another operator's `iss`, or none. */
function responseIssuer(context: OperatorContext, ctx: KoaContextWithOIDC): void {
  const location = ctx.response.get('location')
  if (!URL.canParse(location) || !new URL(location).searchParams.has('iss')) return
  const defect = takeDefect(context, ['iss-parameter', 'iss-parameter-missing'])
  if (!defect) return
  const url = new URL(location)
  if (defect === 'iss-parameter') url.searchParams.set('iss', 'https://another-operator.example')
  else url.searchParams.delete('iss')
  ctx.response.set('location', url.href)
}
