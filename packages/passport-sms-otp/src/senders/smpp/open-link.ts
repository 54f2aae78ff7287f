import { withDeadline } from '#internal/deadline'
import { refused } from '../provider-error.js'
import { createSession, type Pdu } from './library.js'
import { createLink, type Link } from './link.js'
import type { SmppSettings } from './options.js'
import { bindProblem } from './status.js'

/** Connects and binds. Rejects with a refusal: without a session no text left. */
export async function openLink(
  { connection, command, credentials, timeout, enquireLink }: SmppSettings,
  delivered: (pdu: Pdu) => void,
): Promise<Link> {
  // smpp and node:net write into the options they are given.
  const link = createLink(createSession({ ...connection }), { tls: connection.tls, timeout, delivered })
  const problem = await withDeadline(timeout, async (signal) => {
    await link.connected(signal)
    return bindProblem(command, await link.request(command, credentials, signal))
  }).catch((cause: unknown) => refused('There is no session with the SMSC.', { temporary: true, ...cause instanceof Error ? { cause } : {} }))
  if (problem) {
    link.drop()
    throw problem
  }
  link.checkEvery(enquireLink)
  return link
}
