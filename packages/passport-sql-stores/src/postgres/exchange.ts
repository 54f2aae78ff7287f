import type { PostgresClient } from './pool.js'

export interface Statement {
  readonly text: string
  readonly values: readonly string[]
}

/** The columns of a row, all as text. */
type TextRow = readonly (string | null)[]

export interface Outcome {
  readonly rows: readonly TextRow[]
  /** Such as `'COMMIT'`. */
  readonly command: string
}

/**
 * Sends several statements at once, and waits for the answers to all: one round trip, where one after the other would
 * need one for each. When one fails, those after it are not carried out.
 *
 * The values travel beside the statements, never in their text, so that neither quoting nor a server's log of
 * statements has to be trusted. That is why this speaks the extended protocol: `pg` itself sends one such statement at
 * a time, unless its client was made with `pipeline: true`. A client of another kind sends them one after the other.
 */
export async function exchange(client: PostgresClient, statements: readonly Statement[]): Promise<readonly Outcome[]> {
  if (isPipelining(client)) return settled(statements.map((statement) => queried(client, statement)))
  if (takesSubmittables(client)) return submitted(client, statements)
  const outcomes: Outcome[] = []
  for (const statement of statements) outcomes.push(await queried(client, statement))
  return outcomes
}

async function queried(client: PostgresClient, { text, values }: Statement): Promise<Outcome> {
  const { rows, command = '' } = await client.query({ text, values, rowMode: 'array' })
  return { rows: rows as readonly TextRow[], command }
}

/** All have ended before an error is told: the connection may be used for something else then. */
async function settled(work: readonly Promise<Outcome>[]): Promise<readonly Outcome[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

const isPipelining = (client: object): boolean => 'pipeline' in client && client.pipeline === true

/** `pg` in JavaScript takes any object with `submit`: so `pg-cursor` is made, too. The native client does not. */
function takesSubmittables(client: object): boolean {
  const connection: unknown = 'connection' in client ? client.connection : undefined
  const needed = ['parse', 'bind', 'execute', 'sync']
  return typeof connection === 'object' && connection !== null &&
    needed.every((name) => typeof (connection as Record<string, unknown>)[name] === 'function')
}

/** What is used of a `Connection` of `pg`. */
interface Connection {
  readonly stream?: { cork?(): void, uncork?(): void }
  parse(message: { text: string }): void
  bind(message: { values: readonly string[] }): void
  execute(message: object): void
  sync(): void
}

function submitted(client: PostgresClient, statements: readonly Statement[]): Promise<readonly Outcome[]> {
  return new Promise((resolve, reject) => {
    const query = new Pipeline(statements, (error, outcomes) => {
      if (error === undefined) resolve(outcomes)
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the driver gave it
      else reject(error)
    })
    void client.query(query as never)
  })
}

/** What `pg` calls a submittable: it sends its messages itself, and is told those that come back. */
class Pipeline {
  callback: (error: unknown, outcomes: readonly Outcome[]) => void
  private readonly statements: readonly Statement[]
  private readonly outcomes: Outcome[] = []
  private rows: TextRow[] = []
  private error: unknown

  constructor(statements: readonly Statement[], callback: Pipeline['callback']) {
    this.statements = statements
    this.callback = callback
  }

  submit(connection: Connection): void {
    connection.stream?.cork?.()
    try {
      for (const { text, values } of this.statements) {
        connection.parse({ text })
        connection.bind({ values })
        connection.execute({})
      }
      connection.sync()
    } finally {
      connection.stream?.uncork?.()
    }
  }

  handleRowDescription(): void {
    // The columns are known.
  }

  handleDataRow({ fields }: { fields: TextRow }): void {
    this.rows.push(fields)
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.outcomes.push({ rows: this.rows, command: text })
    this.rows = []
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' })
  }

  handlePortalSuspended(): void {
    // Every execute asks for all rows.
  }

  handleError(error: unknown): void {
    // The server skips what is left, and `pg` tells this query no more of it: not even that the server is ready again.
    this.error ??= error
    this.callback(this.error, [])
  }

  handleReadyForQuery(): void {
    this.callback(undefined, this.outcomes)
  }
}
