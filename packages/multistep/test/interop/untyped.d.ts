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

/** Built on passport-oauth2, with one verify function. */
declare module 'untyped-strategy' {
  import type { Strategy as PassportStrategy } from 'passport-strategy'
  export interface Made extends PassportStrategy { readonly name: string }
  export type Making<V extends (...args: any[]) => void> = new (options: object, verify: V) => Made
  export type Done = (error: unknown, user?: any) => void
  export type ProfileVerify = (access: string, refresh: string, profile: { id: string }, done: Done) => void
}

declare module 'passport-google-oauth20' {
  import type { Making, ProfileVerify } from 'untyped-strategy'
  export const Strategy: Making<ProfileVerify>
}

declare module 'passport-github2' {
  import type { Making, ProfileVerify } from 'untyped-strategy'
  export const Strategy: Making<ProfileVerify>
}

declare module 'passport-facebook' {
  import type { Making, ProfileVerify } from 'untyped-strategy'
  export const Strategy: Making<ProfileVerify>
}

declare module 'passport-auth0' {
  import type { Done, Making } from 'untyped-strategy'
  const Strategy: Making<(access: string, refresh: string, params: object, profile: { id: string }, done: Done) => void>
  export default Strategy
}

declare module 'passport-apple' {
  import type { Done, Making } from 'untyped-strategy'
  const Strategy: Making<(req: unknown, access: string, refresh: string, token: string, profile: unknown, done: Done) => void>
  export default Strategy
}

declare module 'passport-http-bearer' {
  import type { Done, Made } from 'untyped-strategy'
  export const Strategy: new (verify: (token: string, done: Done) => void) => Made
}

declare module 'passport-oauth2-client-password' {
  import type { Done, Made } from 'untyped-strategy'
  export const Strategy: new (verify: (id: string, secret: string, done: Done) => void) => Made
}

declare module 'passport-jwt' {
  import type { Done, Making } from 'untyped-strategy'
  export const ExtractJwt: { fromAuthHeaderAsBearerToken(): (req: unknown) => string | null }
  export const Strategy: Making<(payload: { sub: string }, done: Done) => void>
}
