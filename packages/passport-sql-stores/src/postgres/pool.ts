/** What is used of a `Pool` of `pg`, and of all that has its shape. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  on?(event: 'error', listener: (error: Error) => void): unknown
}

export interface PostgresClient {
  query(query: PostgresQuery): Promise<PostgresResult>
  release(destroy?: boolean): void
  on?(event: 'error', listener: () => void): unknown
  off?(event: 'error', listener: () => void): unknown
}

export interface PostgresQuery {
  readonly text: string
  readonly values: readonly string[]
  readonly rowMode: 'array'
}

export interface PostgresResult {
  readonly rows: readonly unknown[]
  readonly command?: string | undefined
}
