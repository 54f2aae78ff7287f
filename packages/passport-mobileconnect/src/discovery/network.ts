/** A mobile network: mobile country code and mobile network code (ITU-T E.212). */
export interface Network {
  readonly mcc: string
  readonly mnc: string
}

/** Reads `234_15`: exactly two parts of digits. */
export function readNetwork(text: string): Network | undefined {
  const [, mcc, mnc] = /^(\d{1,8})_(\d{1,8})$/.exec(text) ?? []
  return mcc === undefined || mnc === undefined ? undefined : { mcc, mnc }
}

export const networkName = ({ mcc, mnc }: Network): string => `${mcc}_${mnc}`
