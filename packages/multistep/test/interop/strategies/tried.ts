import type { Express as ExpressApp } from 'express'
import type { Strategy } from 'passport-strategy'
import type { Configuration } from 'openid-client'
import type { Response } from 'supertest'
import type { FactorOptions, Multistep } from '../../../src/index.js'
import type { Person } from '../../support/app.js'
import type { directory } from '../../support/directory.js'
import type { openIdProvider } from '../../support/provider.js'
import type { socialProvider } from '../../support/social-provider.js'
import type { Answer, Manner, Visitor } from '../../support/visitor.js'

/** What runs on loopback beside the apps. */
export interface Providers {
  readonly social: Awaited<ReturnType<typeof socialProvider>>
  readonly openId: Awaited<ReturnType<typeof openIdProvider>>
  /** Of the OpenID provider, as openid-client finds it. */
  readonly configuration: Configuration
  readonly directory: Awaited<ReturnType<typeof directory>>
}

/** A published strategy, unmodified, and what a reader must know to use it as a factor. */
export interface Tried {
  /** The package that its version is read from. */
  readonly package: string
  /** The name of the factor. */
  readonly factor: string
  /** What the app declares in `factors`. */
  readonly declared: FactorOptions
  /** How it can be used. Default: by a page and by a program. */
  readonly manners?: readonly Manner[]
  /** Why it cannot be the first factor. */
  readonly notFirst?: string
  readonly remark: string
  /** The strategy of one app, and what people do there. */
  use(users: Readonly<Record<string, Person>>, providers: Providers): Used
}

export interface Used {
  readonly strategy: Strategy
  /** This person proves who they are. */
  prove(visitor: Visitor, name: string): Promise<Response>
  /** The visitor proves nothing: a wrong value, or what a stranger got. */
  forge(visitor: Visitor, stranger: Visitor): Promise<Response>
  /** Routes of the app that the strategy needs beside the login. */
  readonly routes?: (app: ExpressApp, login: Multistep<any>) => void
}

export type Done = (error: unknown, user?: any) => void

/** A factor on another site: there and back. A stranger's answer, slipped to this visitor, is the forgery (login CSRF, RFC 6749 §10.12). */
export const elsewhere = (factor: string, signIn: (url: string, name: string) => Promise<Answer>): Pick<Used, 'prove' | 'forge'> => ({
  prove: async (visitor, name) => visitor.come(await signIn(await visitor.leave(factor), name)),
  forge: async (visitor, stranger) => visitor.come(await signIn(await stranger.leave(factor), 'ada')),
})
