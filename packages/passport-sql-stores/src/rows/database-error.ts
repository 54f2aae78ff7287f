import { DeadlineError } from '#internal/deadline'

/**
 * A database that did not do what it was asked. It tells what an operator needs, and never what was to be kept: errors
 * of drivers carry statements, parameters and rows, and end in logs.
 * @example
 * await database.migrate().catch((error: DatabaseError) => { console.error(error.message, error.code) })
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  /** Of the database or the system, such as `'ECONNREFUSED'` or the SQLSTATE `'42P01'`. */
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

/** What the codes of databases say whose messages name no value. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^(42P01|1146|ER_NO_SUCH_TABLE|SQLITE_NO_TABLE)$/, 'its table is not there: await database.migrate() once, or run database.migrationSql'],
  [/^(42703|1054|ER_BAD_FIELD_ERROR|SQLITE_NO_COLUMN)$/, 'its table has other columns: another program made it, so give another name as table'],
  [/^(3F000|3D000|1049|ER_BAD_DB_ERROR)$/, 'there is no such database or schema'],
  [/^(42501|1142|1044|ER_TABLEACCESS_DENIED_ERROR|ER_DBACCESS_DENIED_ERROR)$/, 'this user may not use the table'],
  [/^(28...|1045|ER_ACCESS_DENIED_ERROR)$/, 'it refused the user or the password'],
  [/^(25006|1290|1792|1836|ER_OPTION_PREVENTS_STATEMENT|ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION|ER_READ_ONLY_MODE|SQLITE_READONLY.*)$/, 'it is read-only'],
  [/^(53100|1114|1021|ER_RECORD_FILE_FULL|ER_DISK_FULL|SQLITE_FULL)$/, 'its disk is full'],
  [/^(53300|1040|1203|ER_CON_COUNT_ERROR|ER_TOO_MANY_USER_CONNECTIONS)$/, 'it has no connection left'],
  [/^(57P0.|57014|1053|ER_SERVER_SHUTDOWN)$/, 'it ended the statement or is shutting down'],
  [/^(55P03|1205|ER_LOCK_WAIT_TIMEOUT|SQLITE_(BUSY|LOCKED).*)$/, 'what it was asked for stayed locked'],
  [/^(08...|ECONN.*|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN|PROTOCOL_CONNECTION_LOST)$/, 'it cannot be reached'],
  [/^(SQLITE_CANTOPEN.*)$/, 'its file cannot be opened'],
  [/^(SQLITE_IOERR.*)$/, 'its file cannot be read or written'],
  [/^(SQLITE_CORRUPT.*|SQLITE_NOTADB)$/, 'its file is damaged, or is no database'],
]

/** @param name of the database, as people know it. */
export function databaseError(name: string, error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error
  if (error instanceof DeadlineError) return new DatabaseError(`${name}: ${error.message}`, 'deadline')
  const code = codeOf(error)
  const [, reason] = reasons.find(([codes]) => code !== undefined && codes.test(code)) ?? []
  if (reason !== undefined) return new DatabaseError(`${name}: ${reason} (${code}).`, code)
  return new DatabaseError(`${name} did not do what it was asked (${code ?? nameOf(error)}).`, code)
}

/** A word such as `'42P01'`; nothing longer, for it may be a text of another library. */
export function codeOf(error: unknown): string | undefined {
  const { code, errcode, message } = (error ?? {}) as { code?: unknown, errcode?: unknown, message?: unknown }
  if (errcode === 1 || code === 'SQLITE_ERROR') return sqliteErrorOf(String(message))
  if (typeof errcode === 'number') return sqliteCodes[errcode & 0xff] ?? `SQLITE_${errcode}`
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : undefined
}

/** `node:sqlite` tells numbers. */
const sqliteCodes: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY', 6: 'SQLITE_LOCKED', 8: 'SQLITE_READONLY', 10: 'SQLITE_IOERR', 11: 'SQLITE_CORRUPT', 13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN', 26: 'SQLITE_NOTADB',
}

/** SQLite has one code for whatever is wrong with a statement. What is missing stands in the message alone. */
function sqliteErrorOf(message: string): string {
  if (/no such table/.test(message)) return 'SQLITE_NO_TABLE'
  return /no such column|has no column/.test(message) ? 'SQLITE_NO_COLUMN' : 'SQLITE_ERROR'
}

const nameOf = (error: unknown): string => (error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : typeof error)
