/** What is used of a `Pool` of `pg`, and of all that has its shape. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  on?(event: 'error', listener: (error: Error) => void): unknown
  on?(event: 'connect', listener: (client: PostgresClient) => void): unknown
}

/** What is used of a client of `pg`. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<PostgresResult>
  release(destroy?: boolean): void
  on?(event: 'error', listener: () => void): unknown
  off?(event: 'error', listener: () => void): unknown
}

/** A query as `pg` takes it. */
export interface PostgresQuery {
  readonly text: string
  readonly values: readonly string[]
  readonly rowMode: 'array'
}

/** What is used of a result of `pg`. */
export interface PostgresResult {
  readonly rows: readonly unknown[]
  readonly command?: string | undefined
}
