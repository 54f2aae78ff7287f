import { createConnection } from 'mysql2/promise'
import { programOf, startDatabaseServer, type DatabaseServer } from './server-process.js'

const mariadbd = programOf('mariadbd', [])

export const hasMariadb = (): boolean => mariadbd !== undefined

/** Starts a MariaDB with an empty database `test`, whose user `root` needs no password. */
export const startMariadb = (): Promise<DatabaseServer> => startDatabaseServer({
  name: 'mariadb',
  url: (port) => `mysql://root@127.0.0.1:${port}/test`,
  prepare: (folder, run) => {
    run(programOf('mariadb-install-db', [])!, ['--no-defaults', `--datadir=${folder}/data`, `--tmpdir=${folder}`, '--auth-root-authentication-method=normal'])
  },
  command: (folder, port) => [mariadbd!, [
    '--no-defaults', `--datadir=${folder}/data`, `--tmpdir=${folder}`, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${folder}/socket`,
    `--pid-file=${folder}/pid`, '--skip-name-resolve', '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=32M',
    '--max-connections=200', '--performance-schema=0',
  ]],
  crash: 'SIGKILL',
  answers: async (port) => {
    const connection = await createConnection({ host: '127.0.0.1', port, user: 'root', connectTimeout: 1000 })
    await connection.query('CREATE DATABASE IF NOT EXISTS test')
    await connection.end()
  },
})

const skipped = (title: string, body: () => void) => describe.skip(`${title} (skipped: no MariaDB on this machine)`, body)

/** `describe`, skipped with the reason in its title where there is no MariaDB. Under `CI=true` it fails instead. */
export const describeWithMariadb: (title: string, body: () => void) => void = (title, body) => {
  if (hasMariadb() || process.env.CI === 'true') describe(title, body)
  else skipped(title, body)
}
