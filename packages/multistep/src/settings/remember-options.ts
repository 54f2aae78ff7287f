import { duration, type Duration } from '#internal/duration'
import { suggestion } from '#internal/option-checks'
import { callback, checkOptions, anything, texts } from '../lib/option-checks.js'
import type { FactorTable } from '../factors/factor.js'

/** Devices that need not prove some factors again. Off unless given. */
export interface RememberOptions<F extends string = string> {
  /**
   * How long, counted from the login in which the person asked for it.
   * @default '30d'
   */
  for?: Duration
  /**
   * How many devices of a person; the one remembered first goes.
   * @default 10
   */
  max?: number
  /** The factors that a remembered device stands for, where it was remembered with them. */
  skips: readonly F[]
  /**
   * What must still be the same for a device to count, such as the password's hash and the phone number together:
   * a person who changes one of them is asked everywhere again. Only a digest is kept.
   */
  fingerprint: (user: Express.User) => string | Promise<string>
}

export interface RememberSettings {
  /** As given, for the person. */
  readonly for: string
  readonly ttl: number
  readonly max: number
  readonly skips: ReadonlySet<string>
  readonly fingerprint: (user: Express.User) => string | Promise<string>
}

const example = 'remember: { skips: [\'sms-otp\'], fingerprint: (user) => user.passwordHash + user.phone }'

const rememberShapes = {
  for: anything,
  max: anything,
  skips: texts('[\'sms-otp\']'),
  fingerprint: callback('(user) => user.passwordHash + user.phone'),
}

/** @throws TypeError for a mistake in the option, with what to write instead. */
export function rememberSettings(options: RememberOptions, factors: FactorTable): RememberSettings {
  checkOptions('remember.', options, rememberShapes)
  const { skips, fingerprint } = options as Partial<RememberOptions>
  if (skips === undefined || skips.length === 0) {
    throw new TypeError('multistep: remember.skips names the factors that a remembered device need not prove again: '
      + `${example}.`)
  }
  if (fingerprint === undefined) {
    throw new TypeError('multistep: remember.fingerprint is missing: without it a device would stay trusted after a '
      + `change of password or phone. Write ${example}.`)
  }
  const stray = skips.find((name) => !factors.names.includes(name))
  if (stray !== undefined) {
    throw new TypeError(`multistep: remember.skips names '${stray}', which no step mentions. `
      + suggestion(stray, factors.names))
  }
  const recovery = skips.find((name) => factors.get(name).via === 'recovery')
  if (recovery !== undefined) {
    throw new TypeError(`multistep: remember.skips cannot name '${recovery}': using a recovery code ends what `
      + 'browsers remember.')
  }
  const { for: life = '30d', max = 10 } = options
  if (!Number.isInteger(max) || max < 1 || max > 100) {
    throw new TypeError(`multistep: remember.max is a whole number from 1 to 100, not ${String(max)}.`)
  }
  return { for: life, ttl: duration('remember.for', life), max, skips: new Set(skips), fingerprint }
}
