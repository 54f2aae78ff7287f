import { setTimeout as sleep } from 'node:timers/promises'
import session, { type Store } from 'express-session'
import type { Pool } from 'mysql2/promise'
import { DocumentTransactionStore as NumberTransactions } from 'passport-number-verification/documents'
import { DatabaseError, type Database } from 'passport-sql-stores'
import { unavailable } from '../errors.js'
import { documentHandset } from '../handset/document-handset.js'
import { documentRegister } from '../mobile-connect/document-register.js'
import { documentLinks, documentNumbers, documentSheet } from '../users/document-users.js'
import { documentSecrets, type Secrets } from './secrets.js'
import { BoundedSessions, DocumentSessions } from './sessions.js'
import type { Stores } from './stores.js'

export interface DatabaseUrl {
  /** `postgres://…`, `mysql://…`, or `file:acme.db` for SQLite. */
  readonly url: string
}

/**
 * Milliseconds that a question may take, the wait for a connection included. A request that fails still saves its
 * session, so that two of these pass before its answer.
 */
const DEADLINE = 1300

/** So that sessions and stores find a connection in a rush. */
const MOST_CONNECTIONS = 20

/** What one kind of database brings. */
interface Opened {
  readonly database: Database
  /** Once the database is there. */
  readonly sessions: () => Promise<Store>
  readonly close: () => Promise<void>
}

/** Each loads the driver of its database, and no other. */
const kinds: Readonly<Record<string, (url: string) => Promise<Opened>>> = {
  'postgres:': openPostgres,
  'postgresql:': openPostgres,
  'mysql:': openMysql,
  'mariadb:': openMysql,
  'file:': openSqlite,
}

export const isDatabaseUrl = (url: string): boolean => URL.canParse(url) && new URL(url).protocol in kinds

/** Without its password. */
export const databaseName = (url: string): string => {
  const { protocol, host, pathname } = new URL(url)
  if (protocol === 'file:') return `SQLite in ${url.slice('file:'.length)}`
  return `${protocol.startsWith('postgres') ? 'PostgreSQL' : 'MariaDB'} at ${host}${pathname}`
}

async function openPostgres(url: string): Promise<Opened> {
  const [{ Pool }, { postgres }, { default: connectPgSimple }] = await Promise.all([
    import('pg'), import('passport-sql-stores/postgres'), import('connect-pg-simple'),
  ])
  const pool = new Pool({
    connectionString: url, max: MOST_CONNECTIONS, connectionTimeoutMillis: DEADLINE, query_timeout: 2 * DEADLINE,
  })
  const database = postgres({ pool, timeout: DEADLINE })
  const PgSessions = connectPgSimple(session)
  let store: { close(): void } | undefined
  const withTable = async (triesLeft = 3): Promise<Store> => {
    const sessions = new PgSessions({ pool, createTableIfMissing: true, errorLog: () => undefined })
    try {
      await firstQuestion(sessions)
      store = sessions
      return sessions
    } catch (error) {
      // Another process makes the table at the same time.
      sessions.close()
      if (triesLeft === 0) throw error
      return withTable(triesLeft - 1)
    }
  }
  return {
    database,
    sessions: withTable,
    close: async () => {
      store?.close()
      await pool.end()
    },
  }
}

/** It makes the table. */
const firstQuestion = (store: Store): Promise<void> =>
  new Promise((resolve, reject) => {
    store.get('nobody', (error?: unknown) => {
      if (error) reject(unavailable(error))
      else resolve()
    })
  })

async function openMysql(url: string): Promise<Opened> {
  const [{ createPool }, { mysql }, { default: expressMysqlSession }] = await Promise.all([
    import('mysql2/promise'), import('passport-sql-stores/mysql'), import('express-mysql-session'),
  ])
  const uri = url.replace(/^mariadb:/, 'mysql:')
  // The stores set time limits on their connections: sessions have others.
  const [pool, sessionPool] = [1, 2].map(() =>
    createPool({ uri, connectTimeout: DEADLINE, connectionLimit: MOST_CONNECTIONS / 2 })) as [Pool, Pool]
  const MysqlSessions = expressMysqlSession(session)
  let store: { close(): Promise<void> } | undefined
  return {
    database: mysql({ pool, timeout: DEADLINE }),
    sessions: async () => {
      const sessions = new MysqlSessions({ createDatabaseTable: true }, sessionPool)
      await sessions.onReady()
      store = sessions
      return sessions
    },
    close: async () => {
      await store?.close()
      await Promise.all([pool.end(), sessionPool.end()])
    },
  }
}

async function openSqlite(url: string): Promise<Opened> {
  const { sqlite } = await import('passport-sql-stores/sqlite')
  // A file that is locked is found out by each write of a request.
  const database = sqlite({ file: url.slice('file:'.length), timeout: DEADLINE / 2 })
  // Sessions are documents like all else: so the file has one writer in each process.
  const sessions = async () => new DocumentSessions(database.documents)
  return { database, sessions, close: async () => { database.close() } }
}

/** Makes the tables first, and waits for a database that is not there yet. */
export async function databaseStores(
  { url }: DatabaseUrl,
  secrets: Partial<Secrets>,
  log: (line: string) => void,
): Promise<Stores> {
  const open = kinds[new URL(url).protocol]
  if (!open) throw new TypeError('DATABASE_URL begins with postgres://, mysql:// or file:.')
  const { database, sessions, close } = await open(url)
  await prepared(database, databaseName(url), log)
  const { documents } = database
  return {
    secrets: await documentSecrets(secrets, documents),
    sessions: new BoundedSessions(await sessions(), DEADLINE),
    challenges: database.challenges(),
    flows: database.flows(),
    transactions: database.transactions(),
    numberTransactions: new NumberTransactions({ documents }),
    recoveryCodes: database.recoveryCodes(),
    sheet: documentSheet(documents),
    links: documentLinks(documents),
    numbers: documentNumbers(documents),
    simulator: documentRegister(documents),
    handset: documentHandset(documents),
    isReady: () => true,
    check: async () => {
      await documents.read([]).catch((error: unknown) => { throw unavailable(error) })
    },
    close,
  }
}

/** What an operator must mend is told at once. */
const isPassing = ({ code = '' }: DatabaseError): boolean => /^(ECONN|EPIPE|ETIMEDOUT|EAI|deadline|57P0|08|53)/.test(code) || code.startsWith('SQLITE_BUSY')

async function prepared(database: Database, name: string, log: (line: string) => void): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await database.migrate()
      if (tries > 0) log('The database is there.')
      return
    } catch (error) {
      if (!(error instanceof DatabaseError) || !isPassing(error)) throw error
      if (tries === 0) log(`${name} does not answer (${error.code ?? 'error'}). The app starts when it does.`)
      await sleep(DEADLINE / 2)
    }
  }
}
