import { createRequire } from 'node:module'

/** `DatabaseSync` of `node:sqlite`, the export of `better-sqlite3`, or a class of their shape. */
export type SqliteDriver = new (file: string) => SqliteHandle

/** What is used of an open file of SQLite. */
export interface SqliteHandle {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
  close(): unknown
}

/** What is used of a statement of SQLite. */
export interface SqliteStatement {
  run(...values: (string | number)[]): { readonly changes: number | bigint }
  all(...values: (string | number)[]): unknown[]
}

// The CommonJS edition knows its file by another name.
const load = createRequire(typeof __filename === 'string' ? __filename : import.meta.url)

/**
 * What the runtime has, else what the app has installed.
 * @throws TypeError with the line to write, where there is neither.
 */
export function installedDriver(): SqliteDriver {
  return builtIn() ?? installed()
}

function builtIn(): SqliteDriver | undefined {
  // Older releases do not know how to ask, and have none.
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown }
  const { DatabaseSync } = (getBuiltinModule?.('node:sqlite') ?? {}) as { DatabaseSync?: SqliteDriver }
  return DatabaseSync
}

function installed(): SqliteDriver {
  try {
    return load('better-sqlite3') as SqliteDriver
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error
    const needed = 'sqlite() needs a Node with node:sqlite (22.13 or newer), or better-sqlite3: npm install better-sqlite3'
    throw new TypeError(needed, { cause: error })
  }
}
