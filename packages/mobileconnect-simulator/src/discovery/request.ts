import type { Request } from 'express'
import type { Credentials } from '../configuration.js'
import { fieldsOf, type Fields } from '../form-fields.js'

export interface Network {
  readonly mcc: string
  readonly mnc: string
}

/** Of the query and of the form, which wins: a number does not belong into an address. */
export const discoveryFields = (req: Request): Fields => fieldsOf(req.query, req.body)

export const isRawBasic = (req: Request, { clientId, clientSecret }: Credentials): boolean =>
  req.headers.authorization === `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`

/** What the person chose, before what the device is on. */
export function networkOf(params: Fields): Network | 'malformed' | undefined {
  const selected = pairOf(params['Selected-MCC'], params['Selected-MNC'])
  if (selected !== undefined) return selected
  if (params.MSISDN !== undefined || params['Manually-Select'] === 'true') return undefined
  return pairOf(params['Identified-MCC'], params['Identified-MNC'])
}

function pairOf(mcc = '', mnc = ''): Network | 'malformed' | undefined {
  if (mcc === '' && mnc === '') return undefined
  return /^\d{3}$/.test(mcc) && /^\d{2,3}$/.test(mnc) ? { mcc, mnc } : 'malformed'
}
