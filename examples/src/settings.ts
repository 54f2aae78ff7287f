import express from 'express'
import type { AppOptions } from './app.js'
import { isDatabaseUrl } from './stores/database.js'

export interface Settings extends AppOptions {
  readonly port: number
}

type Env = Readonly<Record<string, string | undefined>>

/** A mistake in the environment, in words for the person who started the app. */
export class SettingsError extends Error {
  override name = 'SettingsError'
}

/** What the environment says; an empty variable is as none. @throws SettingsError */
export function readSettings(env: Env): Settings {
  const read = (name: string): string | undefined => (env[name] === '' ? undefined : env[name])
  const [redis, session, otp] = [read('REDIS_URL'), secret('SESSION_SECRET', read), secret('OTP_KEY', read)]
  const database = databaseUrl(read('DATABASE_URL'))
  if (redis !== undefined && database !== undefined) throw new SettingsError('REDIS_URL and DATABASE_URL both say where everything is kept: give one of them.')
  const place = redis === undefined ? 'DATABASE_URL' : 'REDIS_URL'
  if ((redis ?? database) !== undefined && env.NODE_ENV === 'production' && (session === undefined || otp === undefined)) {
    throw new SettingsError(`Under NODE_ENV=production, with ${place}, give SESSION_SECRET and OTP_KEY too, the same to every process: in production secrets are not kept ${redis === undefined ? 'in the database' : 'in Redis'}.`)
  }
  const [twilio, operator] = [group(TWILIO, read), group(OPERATOR, read)]
  const countries = regions(read('SMS_COUNTRIES'))
  return {
    port: port(read('PORT') ?? '3000'),
    url: url(read('PUBLIC_URL')),
    twilio: twilio && { accountSid: twilio.TWILIO_ACCOUNT_SID, authToken: twilio.TWILIO_AUTH_TOKEN, from: twilio.TWILIO_FROM },
    countries: countries ?? (twilio && ['GB']),
    operator: operator && {
      issuer: issuer(operator.MOBILECONNECT_ISSUER, env), clientId: operator.MOBILECONNECT_CLIENT_ID, clientSecret: operator.MOBILECONNECT_CLIENT_SECRET,
    },
    levelOfAssurance: level(read('MOBILECONNECT_LEVEL')),
    secrets: { ...(session === undefined ? {} : { session }), ...(otp === undefined ? {} : { otp }) },
    redis: redis === undefined ? undefined : { url: redisUrl(redis), prefix: read('REDIS_PREFIX') },
    database: database === undefined ? undefined : { url: database },
    trustProxy: trustProxy(read('TRUST_PROXY')),
  }
}

function port(value: string): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number > 65535) throw new SettingsError(`PORT is a number from 0 to 65535, not ${value}.`)
  return number
}

const TWILIO = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'] as const
const OPERATOR = ['MOBILECONNECT_ISSUER', 'MOBILECONNECT_CLIENT_ID', 'MOBILECONNECT_CLIENT_SECRET'] as const

/** All of them, or none: half a provider is a mistake, and never a reason to pretend. */
function group<N extends string>(names: readonly N[], read: (name: string) => string | undefined): Readonly<Record<N, string>> | undefined {
  const missing = names.filter((name) => read(name) === undefined)
  if (missing.length === names.length) return undefined
  if (missing.length > 0) throw new SettingsError(`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: give ${names.join(', ')} all three, or none of them.`)
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<N, string>
}

function url(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const parsed = URL.canParse(value) ? new URL(value) : undefined
  if (parsed && /^https?:$/.test(parsed.protocol) && value.replace(/\/$/, '') === parsed.origin) return parsed.origin
  throw new SettingsError(`PUBLIC_URL is where browsers find this app, without a path, such as https://acme.example, not ${value}.`)
}

function issuer(value: string, { NODE_ENV }: Env): string {
  if (NODE_ENV === 'production' && !value.startsWith('https:')) throw new SettingsError(`MOBILECONNECT_ISSUER begins with https: under NODE_ENV=production, not ${value}.`)
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value
  throw new SettingsError(`MOBILECONNECT_ISSUER is the address that the operator names itself by, such as https://operator.example, not ${value}.`)
}

function level(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^[23]$/.test(value)) return Number(value)
  throw new SettingsError(`MOBILECONNECT_LEVEL is 2 (a tap on the phone) or 3 (the PIN too), not ${value}.`)
}

function regions(value: string | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  const list = value.split(',').map((region) => region.trim().toUpperCase())
  if (list.every((region) => /^[A-Z]{2}$/.test(region))) return list
  throw new SettingsError(`SMS_COUNTRIES lists the countries that texts go to, such as GB,DE, not ${value}.`)
}

function redisUrl(value: string): string {
  // The value may hold a password, so it is not repeated.
  if (!URL.canParse(value) || !/^rediss?:$/.test(new URL(value).protocol)) throw new SettingsError('REDIS_URL begins with redis:// or rediss://, such as redis://localhost:6379.')
  return value
}

function databaseUrl(value: string | undefined): string | undefined {
  // The value may hold a password, so it is not repeated.
  if (value !== undefined && !isDatabaseUrl(value)) throw new SettingsError('DATABASE_URL begins with postgres://, mysql:// or file:, such as postgres://localhost/acme or file:acme.db.')
  return value
}

const GUESSABLE = /changeme|secret|password|keyboard cat|^(.)\1*$/isu

function secret(name: string, read: (name: string) => string | undefined): string | undefined {
  const value = read(name)
  const advice = 'Make one with: node -p "crypto.randomBytes(32).toString(\'base64url\')"'
  if (value !== undefined && Buffer.byteLength(value) < 32) throw new SettingsError(`${name} is too short: at least 32 bytes. ${advice}`)
  if (value !== undefined && GUESSABLE.test(value)) throw new SettingsError(`${name} can be guessed. ${advice}`)
  return value
}

function trustProxy(value: string | undefined): string | number | undefined {
  if (value === undefined) return undefined
  const setting = /^\d+$/.test(value) ? Number(value) : value
  try {
    express().set('trust proxy', setting)
    return setting
  } catch {
    throw new SettingsError(`TRUST_PROXY is the number of proxies in front of the app, such as 1, or their addresses, such as loopback or 10.0.0.0/8, not ${value}.`)
  }
}
