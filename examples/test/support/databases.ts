import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { describeWithMariadb, startMariadb } from '../../../test/support/mariadb.js'
import { describeWithPostgres, startPostgres } from '../../../test/support/postgres.js'
import { describeWithRedis } from '../../../test/support/redis.js'
import type { DatabaseServer } from '../../../test/support/server-process.js'
import { ownRedis } from './stores.js'

/** The environment of a process that keeps everything in a place of its own. */
export type Place = () => Promise<Record<string, string>>

export const newName = (): string => `test_${randomUUID().replaceAll('-', '').slice(0, 12)}`

/** An empty database in this server. */
export async function newPostgresDatabase({ url }: DatabaseServer): Promise<string> {
  const name = newName()
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  return url.replace(/[^/]+$/, name)
}

async function newMariadbDatabase({ url }: DatabaseServer): Promise<string> {
  const name = newName()
  const connection = await createConnection({ uri: url })
  await connection.query(`CREATE DATABASE ${name}`)
  await connection.end()
  return url.replace(/[^/]+$/, name)
}

// An app brings better-sqlite3 where Node has no SQLite. The tests have a package of its shape instead, whose binary
// comes from the registry and needs no compiler.
const lacksSqlite = !(process as { getBuiltinModule?: (name: string) => unknown }).getBuiltinModule?.('node:sqlite')
const alias = `
const { Module } = require('node:module')
const resolve = Module._resolveFilename
Module._resolveFilename = (name, ...more) => name === 'better-sqlite3' ? ${JSON.stringify(createRequire(__filename).resolve('libsql'))} : resolve(name, ...more)`
const aliasModule = `import { createRequire } from 'node:module'; const require = createRequire('file:///'); ${alias}`

export const sqlitePlace = (folder: string): Record<string, string> => ({
  DATABASE_URL: `file:${join(folder, `${newName()}.db`)}`,
  ...lacksSqlite ? { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(aliasModule)}` } : {},
})

/** The same promises, kept in Redis, PostgreSQL, MariaDB and SQLite. */
export function onEveryDatabase(title: string, body: (place: Place, isRedis: boolean) => void): void {
  describeWithRedis(`${title} Redis`, () => body(async () => {
    const { url, prefix } = ownRedis()
    return { REDIS_URL: url, REDIS_PREFIX: prefix }
  }, true))
  describeWithPostgres(`${title} PostgreSQL`, () => {
    let server: DatabaseServer
    beforeAll(async () => { server = await startPostgres() })
    afterAll(() => server.close())
    body(async () => ({ DATABASE_URL: await newPostgresDatabase(server) }), false)
  })
  describeWithMariadb(`${title} MariaDB`, () => {
    let server: DatabaseServer
    beforeAll(async () => { server = await startMariadb() })
    afterAll(() => server.close())
    body(async () => ({ DATABASE_URL: await newMariadbDatabase(server) }), false)
  })
  describe(`${title} SQLite`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sqlite-'))
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    body(async () => sqlitePlace(folder), false)
  })
}
