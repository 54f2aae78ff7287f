import { Client } from 'pg'
import { programOf, startDatabaseServer, type DatabaseServer } from './server-process.js'

const initdb = programOf('initdb', [])

export const hasPostgres = (): boolean => initdb !== undefined

type Run = (command: string, args: string[]) => void

const start = (prepare: (folder: string, run: Run) => void, settings: readonly string[]): Promise<DatabaseServer> => startDatabaseServer({
  name: 'postgres',
  url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
  prepare,
  command: (folder, port) => [program('postgres'), [
    '-D', `${folder}/data`, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F', '-c', 'max_connections=200',
    ...settings.flatMap((setting) => ['-c', setting]),
  ]],
  crash: 'SIGQUIT',
  answers: async (port) => {
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', connectionTimeoutMillis: 1000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
    } finally {
      await client.end()
    }
  },
})

const program = (name: string): string => initdb!.replace(/initdb$/, name)

/** Starts a PostgreSQL with an empty database `test`, whose user `postgres` needs no password. */
export const startPostgres = (settings: readonly string[] = []): Promise<DatabaseServer> => start((folder, run) => {
  run(initdb!, ['-D', `${folder}/data`, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'])
}, settings)

/** Starts a replica. It may only be read until it is promoted, and the other waits for it with each commit. */
export async function startReplica({ url }: DatabaseServer): Promise<DatabaseServer> {
  const replica = await start((folder, run) => {
    run(program('pg_basebackup'), ['-D', `${folder}/data`, '-d', url, '-R', '-c', 'fast', '--no-sync'])
  }, [])
  await ask(url, 'ALTER SYSTEM SET synchronous_standby_names = \'*\'', 'SELECT pg_reload_conf()')
  return replica
}

/** Asks a server as its own user, one statement after the other. */
export async function ask(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

const skipped = (title: string, body: () => void) => describe.skip(`${title} (skipped: no PostgreSQL on this machine)`, body)

/** `describe`, skipped with the reason in its title where there is no PostgreSQL. Under `CI=true` it fails instead. */
export const describeWithPostgres: (title: string, body: () => void) => void = (title, body) => {
  if (hasPostgres() || process.env.CI === 'true') describe(title, body)
  else skipped(title, body)
}
