import express, { Router, type RequestHandler } from 'express'
import type { CamaraContext } from '../tokens/context.js'
import { devicePhoneNumber, verify } from './number-verification.js'
import { oneTimePasswords } from './one-time-passwords.js'
import { correlator, operation, sendProblem } from './operation.js'
import { deviceSwap, simSwap } from './swaps.js'

/** The network APIs, below the API root. `faults`: makes those fail that were told to. */
export function apiRoutes(context: CamaraContext, faults: RequestHandler): Router {
  const router = Router()
  router.use(correlator, faults, express.json())
  router.post('/number-verification/v2/verify', operation(context, verify))
  router.get('/number-verification/v2/device-phone-number', operation(context, devicePhoneNumber))
  for (const { path, check, retrieveDate } of [simSwap(context), deviceSwap(context)]) {
    router.post(`${path}/check`, operation(context, check))
    router.post(`${path}/retrieve-date`, operation(context, retrieveDate))
  }
  const { sendCode, validateCode } = oneTimePasswords(context)
  router.post('/one-time-password-sms/v1/send-code', operation(context, sendCode))
  router.post('/one-time-password-sms/v1/validate-code', operation(context, validateCode))
  router.use(sendProblem)
  return router
}
