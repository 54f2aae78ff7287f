import type { FactorOptions } from './factor.js'
import {
  callback, checkOptions, flag, object, oneOf, path, text, texts, textOrTexts, type Shape,
} from '../lib/option-checks.js'

const factorShapes: Readonly<Record<keyof FactorOptions, Shape>> = {
  strategy: text,
  kind: oneOf('knowledge', 'possession', 'inherence'),
  channel: text,
  amr: textOrTexts('\'otp\' or [\'otp\', \'user\']'),
  label: text,
  page: path,
  fields: texts('[\'code\']'),
  sees: oneOf('pending', 'nobody'),
  enrolled: callback('(user) => Boolean(user.totpKey)'),
  hint: callback('(user) => maskedNumberOf(user)'),
  prefill: callback('(user) => ({ phone: user.phone })'),
  account: callback('(req) => req.body.username'),
  challenge: object,
  challengeOnEntry: flag,
  options: object,
  redirects: flag,
  silent: flag,
  state: oneOf('own'),
  enroll: oneOf('first'),
  lockout: oneOf('own'),
  once: callback('(req) => req.body.code'),
  provesDetails: flag,
  setUp: object,
  enrolPage: path,
  samePerson: callback('(pending, result) => pending.id === result.ownerId'),
}

/** @throws TypeError for a mistake in what is said of a factor, with what to write instead. */
export const checkFactor = (name: string, options: unknown): void =>
  checkOptions(`factors['${name}'].`, options, factorShapes)
