import { randomBytes } from 'node:crypto'
import express, { type Express } from 'express'
import session, { type Store } from 'express-session'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import type { Connected } from './redis-commands.js'

export interface User { id: string, phone: string }

/** Each login is another person's, as limits count by person: `user1`, `user2`, … */
export const userOf = (name: string): User => ({ id: name, phone: `+4474${name.slice(4).padStart(8, '0')}` })

/** Where this app's sessions are: in memory, if no client is given. */
export async function sessionsOf(client: Connected | undefined, prefix: string): Promise<Store | undefined> {
  if (!client) return undefined
  const { RedisStore } = await import('connect-redis')
  return new RedisStore({ client, prefix: `${prefix}session:` })
}

/** An app with sessions (in memory, if no store is given), Passport, and people who all have the password `right`. */
export function host(store?: Store): { app: Express, passport: InstanceType<typeof Passport> } {
  const passport = new Passport()
  passport.serializeUser((user, done) => done(null, (user as User).id))
  passport.deserializeUser((id: string, done) => done(null, userOf(id)))
  passport.use(new LocalStrategy((name, password, done) => done(null, password === 'right' ? userOf(name) : false)))
  const app = express()
  const secret = randomBytes(32).toString('hex')
  app.use(session({ secret, resave: false, saveUninitialized: false, ...(store ? { store } : {}) }), express.json())
  return { app, passport }
}

interface Outbox {
  readonly codes: Map<string, string>
  readonly sender: { name: string, development: true, send: (text: { to: string, code: string }) => Promise<object> }
}

/** A texted code, as far as it gets here: the last one for each number. */
export function outbox(): Outbox {
  const codes = new Map<string, string>()
  const send = async ({ to, code }: { to: string, code: string }) => {
    codes.set(to, code)
    return {}
  }
  return { codes, sender: { name: 'outbox', development: true, send } }
}

/** The codes that have come since it was asked last, by number. */
export function emptied(codes: Map<string, string>): Record<string, string> {
  const found = Object.fromEntries(codes)
  codes.clear()
  return found
}
