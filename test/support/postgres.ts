import { Client } from 'pg'
import { programOf, startDatabaseServer, type DatabaseServer } from './server-process.js'

const initdb = programOf('initdb', [])

export const hasPostgres = (): boolean => initdb !== undefined

/** Starts a PostgreSQL with an empty database `test`, whose user `postgres` needs no password. */
export const startPostgres = (settings: readonly string[] = []): Promise<DatabaseServer> => startDatabaseServer({
  name: 'postgres',
  url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
  prepare: (folder, run) => {
    run(initdb!, ['-D', `${folder}/data`, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'])
  },
  command: (folder, port) => [initdb!.replace(/initdb$/, 'postgres'), [
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

const skipped = (title: string, body: () => void) => describe.skip(`${title} (skipped: no PostgreSQL on this machine)`, body)

/** `describe`, skipped with the reason in its title where there is no PostgreSQL. Under `CI=true` it fails instead. */
export const describeWithPostgres: (title: string, body: () => void) => void = (title, body) => {
  if (hasPostgres() || process.env.CI === 'true') describe(title, body)
  else skipped(title, body)
}
