import type { Documents, Expiring } from 'passport-sql-stores'
import { changeOne, NEVER } from '../users/change-one.js'
import type { SimulatorAddress, SimulatorRegister } from './simulator.js'

interface Register extends Expiring {
  readonly address: SimulatorAddress
}

export function documentRegister(documents: Documents): SimulatorRegister {
  const key = 'example:operators'
  return {
    claim: (address) => changeOne<Register, SimulatorAddress>(documents, key, (kept) =>
      ({ record: kept ?? { address, expiresAt: NEVER }, answer: kept?.address ?? address })),
    replace: (address) => changeOne<Register, undefined>(documents, key, () =>
      ({ record: { address, expiresAt: NEVER }, answer: undefined })),
  }
}
