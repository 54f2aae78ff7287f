import { randomBytes } from 'node:crypto'
import express, { type Express } from 'express'
import session, { type Store } from 'express-session'
import { Passport } from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'

export interface User { id: string, phone: string }

/** Each login is another person's, as limits count by person: `user1`, `user2`, … */
export const userOf = (name: string): User => ({ id: name, phone: `+4474${name.slice(4).padStart(8, '0')}` })

/** An app with sessions (in memory, if no store is given), Passport, and people who all have the password `right`. */
export function host(store?: Store): { app: Express, passport: InstanceType<typeof Passport> } {
  const passport = new Passport()
  passport.serializeUser((user, done) => done(null, (user as User).id))
  passport.deserializeUser((id: string, done) => done(null, userOf(id)))
  passport.use(new LocalStrategy((name, password, done) => done(null, password === 'right' ? userOf(name) : false)))
  const app = express()
  app.use(session({ secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: false, ...(store ? { store } : {}) }), express.json())
  return { app, passport }
}

interface Outbox {
  readonly codes: Map<string, string>
  readonly sender: { name: string, development: true, send: (text: { to: string, code: string }) => Promise<object> }
}

/** A texted code, as far as it gets here: the last one for each number. */
export function outbox(): Outbox {
  const codes = new Map<string, string>()
  return { codes, sender: { name: 'outbox', development: true, send: async ({ to, code }) => { codes.set(to, code); return {} } } }
}
