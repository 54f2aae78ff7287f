/** What is used of a pool of `mysql2/promise`. */
export interface MysqlPool {
  getConnection(): Promise<MysqlConnection>
}

/** A pool of `mysql2` with callbacks has one of promises. */
export interface MysqlCallbackPool {
  promise(): MysqlPool
}

/** What is used of a connection of `mysql2/promise`. */
export interface MysqlConnection {
  query(statement: MysqlStatement): Promise<readonly unknown[]>
  /** A prepared statement: its values travel beside it. */
  execute(statement: MysqlStatement, values: never): Promise<readonly unknown[]>
  release(): void
  destroy(): void
}

/** A statement as `mysql2` takes it. */
export interface MysqlStatement {
  readonly sql: string
  readonly rowsAsArray: true
}
