import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Fields } from '../fields.js'
import type { OperatorContext, RegisteredClient } from './context.js'

/** The parameters, pushed ones and request objects unfolded. */
export const paramsOf = (ctx: KoaContextWithOIDC): Fields => (ctx.oidc.params ?? {}) as Fields

export const clientIdOf = (ctx: KoaContextWithOIDC): string => ctx.oidc.client?.clientId ?? ''

export const clientOf = ({ clients }: OperatorContext, ctx: KoaContextWithOIDC): RegisteredClient | undefined =>
  clients.find(({ clientId }) => clientId === clientIdOf(ctx))
