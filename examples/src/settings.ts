import express from 'express'
import type { AppOptions } from './app.js'

export interface Settings extends AppOptions {
  readonly port: number
}

type Env = Readonly<Record<string, string | undefined>>

/** A mistake in the environment, in words for whoever started the app. */
export class SettingsError extends Error {
  override name = 'SettingsError'
}

/** What the environment says; an empty variable is as none. @throws SettingsError */
export function readSettings(env: Env): Settings {
  const read = (name: string): string | undefined => (env[name] === '' ? undefined : env[name])
  const [url, session, otp] = [read('REDIS_URL'), secret('SESSION_SECRET', read), secret('OTP_KEY', read)]
  if (url !== undefined && env.NODE_ENV === 'production' && (session === undefined || otp === undefined)) {
    throw new SettingsError('Under NODE_ENV=production, with REDIS_URL, give SESSION_SECRET and OTP_KEY too, the same to every process: in production secrets are not kept in Redis.')
  }
  return {
    port: port(read('PORT') ?? '3000'),
    secrets: { ...(session === undefined ? {} : { session }), ...(otp === undefined ? {} : { otp }) },
    redis: url === undefined ? undefined : { url: redisUrl(url), prefix: read('REDIS_PREFIX') },
    trustProxy: trustProxy(read('TRUST_PROXY')),
  }
}

function port(value: string): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number > 65535) throw new SettingsError(`PORT is a number from 0 to 65535, not ${value}.`)
  return number
}

function redisUrl(value: string): string {
  // The value may hold a password, so it is not repeated.
  if (!URL.canParse(value) || !/^rediss?:$/.test(new URL(value).protocol)) throw new SettingsError('REDIS_URL begins with redis:// or rediss://, such as redis://localhost:6379.')
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
