import { setTimeout as sleep } from 'node:timers/promises'
import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'

/** Stands on loopback between the clients of a database and its server. */
export interface LoopbackProxy {
  /** The URL of the server, by way of the proxy. */
  readonly url: string
  /** How often a client has spoken and the server has answered, until now. */
  trips(): number
  /** Answers come so many milliseconds late from now on. */
  delay(milliseconds: number): void
  /** Resolves when no answer is on its way any more. */
  idle(): Promise<void>
  /** New connections go to the server at this port: it has taken the place of the other. */
  turnTo(port: number): void
  close(): Promise<void>
}

/**
 * It counts round trips as a network would: what a client sends after the server has answered is a further one, however
 * many statements it holds.
 * @param isCounted whether what begins a trip counts. Default: all of it does.
 */
export async function loopbackProxy(url: string, isCounted: (sent: Buffer) => boolean = () => true): Promise<LoopbackProxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const onTheirWay = new Set<Promise<void>>()
  let [port, trips, late] = [Number(target.port), 0, 0]
  const send = (client: Socket, answer: Buffer): void => {
    const sent: Promise<void> = sleep(late).then(() => {
      if (client.writable) client.write(answer)
      onTheirWay.delete(sent)
    })
    onTheirWay.add(sent)
  }
  const server = createServer((client) => {
    const upstream = createConnection(port, target.hostname)
    let isClientsTurn = true
    client.on('data', (sent: Buffer) => {
      if (isClientsTurn && isCounted(sent)) trips += 1
      isClientsTurn = false
      upstream.write(sent)
    })
    upstream.on('data', (answer: Buffer) => {
      isClientsTurn = true
      if (late === 0) client.write(answer)
      else send(client, answer)
    })
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(one)
      one.setNoDelay().on('error', () => undefined).on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxied = new URL(url)
  proxied.port = String((server.address() as AddressInfo).port)
  return {
    url: proxied.href,
    trips: () => trips,
    delay: (milliseconds) => { late = milliseconds },
    idle: async () => { while (onTheirWay.size > 0) await Promise.all(onTheirWay) },
    turnTo: (other) => { port = other },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
