import { warnOncePerCode } from '#internal/warn-once-per-code'
import type { Request } from 'express'
import type { IncomingMessage } from 'node:http'
import { subscribe } from 'node:diagnostics_channel'
import { Socket } from 'node:net'

/**
 * Node forgets the address of a connection that is gone, unless it was asked for before. The strategy is asked late,
 * after session and body: a client that hangs up in between would have no address. So each connection is asked as soon
 * as it is there, and Node remembers. One with TLS is another object, and asked when its first request arrives.
 */
export function watchAddresses(): void {
  if (watching) return
  watching = true
  subscribe('net.server.socket', (message) => { rememberAddress((message as { socket?: Socket }).socket) })
  subscribe('http.server.request.start', (message) => { rememberAddress((message as { request?: IncomingMessage }).request?.socket) })
}

let watching = false

const rememberAddress = (socket: Partial<Socket> | undefined): unknown => socket?.remoteAddress

/** By Express's `trust proxy`. Without Express, the address of the connection. `undefined`: nobody knows. */
export function addressOf(req: Request): string | undefined {
  // An app of another framework may have put anything there.
  const given: unknown = req.ip ?? (req.socket as Partial<Socket> | undefined)?.remoteAddress
  if (typeof given === 'string' && given !== '') return given
  if (req.socket instanceof Socket && !req.socket.destroyed) warnOfNoAddress()
  return undefined
}

/** Behind a proxy that connects by a Unix socket nobody has an address, unless the proxy is trusted. */
function warnOfNoAddress(): void {
  warnOncePerCode('SMS_OTP_NO_ADDRESS', 'passport-sms-otp limits texts by req.ip, and there is none: all such requests share one limit. Behind a proxy on a Unix socket, '
    + 'app.set(\'trust proxy\', () => true) lets Express read the address from it.')
}
