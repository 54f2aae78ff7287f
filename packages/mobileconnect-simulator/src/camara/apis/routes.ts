import express, { Router, type RequestHandler } from 'express'
import type { CamaraContext } from '../tokens/context.js'
import { devicePhoneNumber, verify } from './number-verification.js'
import { correlator, operation, sendProblem } from './operation.js'

/** The network APIs, below the API root. `faults`: makes those fail that were told to. */
export function apiRoutes(context: CamaraContext, faults: RequestHandler): Router {
  const router = Router()
  router.use(correlator, faults, express.json())
  router.post('/number-verification/v2/verify', operation(context, verify))
  router.get('/number-verification/v2/device-phone-number', operation(context, devicePhoneNumber))
  router.use(sendProblem)
  return router
}
