// Packages under their second names, or without types, as far as these tests use them.

declare module 'express4' {
  import express from 'express'
  export default express
}

declare module 'passport06' {
  export { Passport } from 'passport'
}

declare module 'passport-fido2-webauthn' {
  import type { Request } from 'express'
  import type { Strategy as PassportStrategy } from 'passport-strategy'
  type Done = (error: unknown, user?: unknown, key?: unknown) => void
  export class SessionChallengeStore {
    challenge(req: Request, info: { user?: { id: Buffer } }, done: (error: unknown, challenge: Buffer) => void): void
  }
  const Strategy: new (
    options: { store: SessionChallengeStore },
    verify: (id: string, userHandle: Buffer | null, done: Done) => void,
    register: (user: unknown, id: string, publicKey: string, done: Done) => void,
  ) => PassportStrategy
  export default Strategy
}

declare module 'passport-google-oauth20' {
  import type { Strategy as PassportStrategy } from 'passport-strategy'
  type Done = (error: unknown, user?: unknown) => void
  export class Strategy implements PassportStrategy {
    constructor(options: object, verify: (access: string, refresh: string, profile: { id: string }, done: Done) => void)
    authenticate: PassportStrategy['authenticate']
    success: PassportStrategy['success']
    fail: PassportStrategy['fail']
    redirect: PassportStrategy['redirect']
    pass: PassportStrategy['pass']
    error: PassportStrategy['error']
  }
}
