import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Fields } from '../form-fields.js'
import type { OperatorContext, RegisteredClient } from './context.js'

/** The parameters, pushed ones and request objects unfolded. */
export const requestParameters = (ctx: KoaContextWithOIDC): Fields => (ctx.oidc.params ?? {}) as Fields

export const clientIdOf = (ctx: KoaContextWithOIDC): string => ctx.oidc.client?.clientId ?? ''

export const requestingClient = ({ clients }: OperatorContext, ctx: KoaContextWithOIDC): RegisteredClient | undefined =>
  clients.find(({ clientId }) => clientId === clientIdOf(ctx))
