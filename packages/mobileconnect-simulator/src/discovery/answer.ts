import type { RunningOperator } from '../operator/operator.js'

const DAY = 86_400_000

interface Found {
  readonly client: number
  readonly digits: string | undefined
  readonly correlationId: string | undefined
  readonly now: number
}

/**
 * What GSMA Discovery v2 says of an operator: its endpoints, and this client's credentials there. `ttl` is a moment, in
 * milliseconds.
 */
export async function foundAnswer(
  { context, control }: RunningOperator,
  { client, digits, correlationId, now }: Found,
) {
  const { issuer, operator, subscriberIds, clients } = context
  const credentials = control.clients[client]
  const subscriber = digits === undefined ? {} : { subscriber_id: await subscriberIds.encrypt(digits) }
  return {
    ttl: now + DAY,
    ...subscriber,
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
    response: {
      client_id: credentials?.clientId,
      client_secret: credentials?.clientSecret,
      serving_operator: operator.name,
      country: 'Testland',
      currency: 'XTS',
      ...subscriber,
      apis: { operatorid: { link: linksOf(issuer, clients[client]?.name) } },
    },
  }
}

const linksOf = (issuer: string, clientName: string | undefined) => [
  { rel: 'authorization', href: `${issuer}/authorize` },
  { rel: 'token', href: `${issuer}/token` },
  { rel: 'userinfo', href: `${issuer}/userinfo` },
  { rel: 'premiuminfo', href: `${issuer}/premiuminfo` },
  { rel: 'jwks', href: `${issuer}/jwks` },
  { rel: 'tokenrevoke', href: `${issuer}/revoke` },
  { rel: 'scope', href: 'openid mc_authn phone' },
  ...clientName === undefined ? [] : [{ rel: 'applicationShortName', href: clientName }],
  { rel: 'issuer', href: issuer },
  { rel: 'openid-configuration', href: `${issuer}/.well-known/openid-configuration` },
]
