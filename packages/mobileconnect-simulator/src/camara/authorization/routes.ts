import express, { Router } from 'express'
import type { CamaraContext } from '../tokens/context.js'
import { authorize } from './authorize.js'
import { backchannelAuthorize, backchannelOf } from './backchannel.js'
import { Codes } from './codes.js'
import { OperatorTokens } from './operator-tokens.js'
import { metadataOf } from './metadata.js'
import { token } from './token.js'

/** CAMARA's authorization server (security and interoperability profile of Identity and Consent Management). */
export function authorizationRoutes(context: CamaraContext): Router {
  const codes = new Codes(context)
  const backchannel = backchannelOf(context)
  const operatorTokens = new OperatorTokens(context)
  const form = express.urlencoded({ extended: false })
  const router = Router()
  router.get('/.well-known/openid-configuration', (_req, res) => void res.json(metadataOf(context)))
  router.get('/jwks', async (_req, res) => void res.json({ keys: [(await context.signingKey()).publicJwk] }))
  router.get('/authorize', authorize(context, codes))
  router.post('/authorize', form, authorize(context, codes))
  router.post('/token', form, token({ context, codes, backchannel, operatorTokens }))
  router.post('/bc-authorize', form, backchannelAuthorize(context, backchannel))
  router.post('/openid4vp/credentials', express.json(), operatorTokens.begin)
  return router
}
