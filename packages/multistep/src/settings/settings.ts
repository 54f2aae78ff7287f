import { duration } from '#internal/duration'
import type { WaitUntil } from '#internal/wait-until'
import type { FactorOptions, FactorTable } from '../factors/factor.js'
import { factorTable, type StrategyOf } from '../factors/factor-table.js'
import { ownId } from '../factors/person-id.js'
import { localPath } from '../lib/local-path.js'
import {
  callback, checkOptions, anything, listOrCallback, object, objectOrCallback, oneOf, path, texts, withMethods,
  type Shape,
} from '../lib/option-checks.js'
import { checkMessages } from '../locales/check-messages.js'
import { loginPolicy, type LoginPolicy, type Policy } from '../policy/login-policy.js'
import { checkShapes, checkSteps, type Weakness } from '../policy/step-checks.js'
import { factorNames } from '../policy/steps.js'
import type { FlowStore, LockoutPolicy } from '../stores/flow-store.js'
import { MemoryFlowStore } from '../stores/memory/memory-flow-store.js'
import type { CommonOptions, DecidedOptions, MultistepOptions } from './options.js'
import { brandingOf, type Branding } from './page-options.js'
import { rememberSettings, type RememberSettings } from './remember-options.js'
import type { Render } from './views.js'

/** The options with everything decided; durations in milliseconds. */
export interface Settings {
  readonly loginPolicy: LoginPolicy
  readonly factors: FactorTable
  readonly userId: (user: Express.User) => unknown
  readonly loginPath: string
  readonly publicPath: string
  /**
   * What tells this policy's flows, logins and devices from another's in the same store and session: where people log
   * in by it.
   */
  readonly policy: string
  readonly successRedirect: string
  readonly ttl: number
  readonly store: FlowStore
  readonly storeTimeout: number
  readonly stepTimeout: number
  readonly lockout: LockoutPolicy
  readonly remember: RememberSettings | undefined
  readonly absolute: number
  /** `for`: as given, for the person. */
  readonly stay: { readonly for: string, readonly ttl: number } | undefined
  readonly stepUpStatus: 401 | 403
  readonly carry: readonly string[]
  readonly otherLogins: 'refuse' | 'allow'
  readonly origins: ReadonlySet<string>
  readonly locale: CommonOptions['locale']
  readonly messages: CommonOptions['messages']
  readonly branding: Branding
  readonly render: Render | undefined
  readonly waitUntil: WaitUntil | undefined
  readonly acknowledged: readonly Weakness[]
  /** As given; the store has its own. */
  readonly now: (() => number) | undefined
}

const storeMethods: Readonly<Record<keyof FlowStore, true>> = {
  time: true, createFlow: true, readFlow: true, readFlows: true, advanceFlow: true, finishFlow: true, dropFlow: true,
  createLogin: true, readLogin: true, endLogin: true, attempt: true, settle: true,
  openRequirement: true, readRequirements: true, advanceRequirement: true, dropRequirement: true, meetRequirement: true,
  retireSession: true, takeGrant: true, stepDown: true,
  rememberDevice: true, useDevice: true, listDevices: true, forgetDevice: true, forgetDevices: true, endAll: true,
  leaveTombstone: true, changeTombstone: true, readTombstone: true,
}

const weaknesses: Shape = {
  words: 'a list of \'sms-only\' and \'no-way-back\'',
  fits: (value) => Array.isArray(value) && value.every((one) => one === 'sms-only' || one === 'no-way-back'),
}

// Durations and paths of the login itself are looked at where they are read.
const optionShapes: Readonly<Record<keyof MultistepOptions, Shape>> = {
  steps: listOrCallback('[\'local\', \'sms-otp\']'), factors: object, userId: callback('(user) => user.email'),
  loginPath: anything, publicPath: anything, successRedirect: path, ttl: anything,
  store: withMethods(Object.keys(storeMethods), 'new RedisFlowStore({ client })'), storeTimeout: anything,
  stepTimeout: anything,
  lockout: object, session: object, stay: anything, remember: object,
  stepUpStatus: { words: '401 or 403', fits: (value) => value === 401 || value === 403 },
  carry: texts('[\'basket\']'), acknowledge: weaknesses, otherLogins: oneOf('refuse', 'allow'), origins: texts('[\'https://app.example\']'),
  locale: callback('(req) => req.acceptsLanguages(\'en\', \'de\')'),
  messages: objectOrCallback('(locale) => ({ logIn: \'Sign in\' })'),
  pages: object, render: callback('(req, res, view, state) => res.render(view, state)'),
  waitUntil: callback('(promise) => context.waitUntil(promise)'), now: callback('() => Date.now()'),
}

/** @throws TypeError for a mistake in the options, with what to write instead. */
export function settingsOf(options: MultistepOptions | DecidedOptions, strategyOf: StrategyOf): Settings {
  if ((options as MultistepOptions | undefined)?.steps === undefined) {
    throw new TypeError(
      'multistep: the steps are missing. Write multistep(passport, { steps: [\'local\', \'sms-otp\'] }).',
    )
  }
  checkOptions('', options, optionShapes)
  checkOptions('lockout.', options.lockout ?? {}, { after: anything, for: anything, max: anything })
  checkOptions('session.', options.session ?? {}, { absolute: anything })
  if (typeof options.messages !== 'function') checkMessages(options.messages ?? {})
  const factors = policyFactors(options.steps, options.factors ?? {}, strategyOf)
  const absolute = duration('session.absolute', options.session?.absolute ?? '24h')
  const loginPath = pathOption('loginPath', options.loginPath ?? '/login')
  const publicPath = options.publicPath === undefined ? '' : pathOption('publicPath', options.publicPath)
  return {
    loginPolicy: loginPolicy(options.steps, factors),
    factors,
    userId: options.userId ?? ownId,
    loginPath,
    publicPath,
    policy: publicPath + loginPath,
    successRedirect: options.successRedirect ?? '/',
    ttl: duration('ttl', options.ttl ?? '10m'),
    store: options.store ?? new MemoryFlowStore(options.now ? { now: options.now } : {}),
    storeTimeout: duration('storeTimeout', options.storeTimeout ?? '2s', '24d'),
    stepTimeout: duration('stepTimeout', options.stepTimeout ?? '30s', '24d'),
    lockout: lockoutOf(options.lockout ?? {}),
    remember: options.remember && rememberSettings(options.remember, factors),
    absolute,
    stay: options.stay === undefined ? undefined : stayOf(options.stay, absolute),
    stepUpStatus: options.stepUpStatus ?? 403,
    carry: carried(options.carry ?? []),
    acknowledged: options.acknowledge ?? [],
    otherLogins: options.otherLogins ?? 'refuse',
    origins: new Set((options.origins ?? []).map(originOption)),
    locale: options.locale,
    messages: options.messages,
    branding: brandingOf(options.pages ?? {}, publicPath),
    render: options.render,
    waitUntil: options.waitUntil,
    now: options.now,
  }
}

/** What the policy may ask for; a written one is checked now, a decided one whenever it was decided. */
function policyFactors(
  steps: Policy,
  described: Readonly<Record<string, FactorOptions | undefined>>,
  strategyOf: StrategyOf,
): FactorTable {
  if (typeof steps !== 'function') {
    checkShapes(steps)
    if (steps.length === 0) {
      throw new TypeError(
        'multistep: steps is empty. Name at least one factor, such as steps: [\'local\', \'sms-otp\'].',
      )
    }
    const factors = factorTable(factorNames(steps), described, strategyOf)
    checkSteps(steps, factors)
    return factors
  }
  const names = Object.keys(described)
  if (names.length === 0) {
    throw new TypeError(
      'multistep: steps is a function, so factors must list every name that it may return: factors: { local: {}, ' +
      '\'sms-otp\': {} }.',
    )
  }
  return factorTable(names, described, strategyOf)
}

/** @throws TypeError for a cookie that would outlive the login. */
function stayOf(given: string, absolute: number): NonNullable<Settings['stay']> {
  const ttl = duration('stay', given)
  if (ttl > absolute) {
    throw new TypeError(
      `multistep: stay is '${given}', and a login lives no longer than session.absolute. Write session: { absolute: ` +
      `'${given}' } beside it.`,
    )
  }
  return { for: given, ttl }
}

function pathOption(name: string, value: string): string {
  const path = localPath(value)?.replace(/\/+$/, '')
  if (!path || /[?#]/.test(path)) {
    throw new TypeError(`multistep: ${name} is a path of this app, such as '/login', not ${JSON.stringify(value)}.`)
  }
  return path
}

function lockoutOf(given: NonNullable<MultistepOptions['lockout']>): LockoutPolicy {
  const after = given.after ?? 10
  // NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failures.
  if (!Number.isInteger(after) || after < 1 || after > 100) {
    throw new TypeError(`multistep: lockout.after is a whole number from 1 to 100, not ${String(after)}.`)
  }
  return { after, for: duration('lockout.for', given.for ?? '15m'), max: duration('lockout.max', given.max ?? '24h') }
}

function carried(keys: readonly string[]): readonly string[] {
  const own = keys.find((key) => ['passport', 'multistep', 'cookie'].includes(key))
  if (own !== undefined) {
    throw new TypeError(`multistep: carry cannot name '${own}', which holds who is logged in. Name your own keys.`)
  }
  return keys
}

function originOption(value: string): string {
  const origin = URL.canParse(value) ? new URL(value).origin : 'null'
  if (origin === 'null' || origin !== value) {
    throw new TypeError(`multistep: origins holds origins such as 'https://app.example', not ${JSON.stringify(value)}.`)
  }
  return origin
}
