import { createClient } from 'redis'

interface Echoing {
  echo(text: string): Promise<unknown>
}

/**
 * The commands that clients sent to a server during some work, as the server saw them; what scripts run inside it is
 * none of them.
 */
export async function commandsDuring(url: string, client: Echoing, work: () => Promise<unknown>): Promise<(string | undefined)[]> {
  const monitor = createClient({ url })
  await monitor.connect()
  const seen: string[] = []
  await monitor.monitor((line) => { if (!line.includes(' lua] ')) seen.push(line) })
  await work()
  // By the same connection, so that whatever the work has begun comes before it.
  await client.echo('the end')
  while (!seen.some((line) => line.includes('the end'))) await new Promise((resolve) => setImmediate(resolve))
  monitor.destroy()
  return seen.map((line) => /"(\w+)"/.exec(line)?.[1]).slice(0, -1)
}
