/** What time the simulator takes it to be. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** How far that is from the machine's own clock, which oidc-provider reads. */
  ahead(): number
}

export const clockOf = (now: () => number = Date.now): Clock => ({ now, ahead: () => now() - Date.now() })

export const inSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)
