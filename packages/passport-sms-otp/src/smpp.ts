import { withDeadline } from '#internal/deadline'
import { refused } from './senders/provider-error.js'
import type { SmsSender } from './senders/sender.js'
import { createKeeper } from './senders/smpp/keeper.js'
import { openLink } from './senders/smpp/open-link.js'
import { readSmppOptions, type SmppSenderOptions } from './senders/smpp/options.js'
import { createReceipts } from './senders/smpp/receipts.js'
import { createSubmit } from './senders/smpp/submit.js'

export type { SmppAddress, SmppSenderOptions } from './senders/smpp/options.js'
export type { SmppAlphabet } from './senders/smpp/parts.js'

/** A sender over SMPP, which keeps its connection until `close()`. */
export interface SmppSender extends SmsSender {
  /** Opens the session now rather than with the first text. Rejects with `undeliverable` if that fails. */
  connect(): Promise<void>
  /**
   * Lets the texts that are on their way finish, then unbinds and disconnects, each within `timeout`. Never rejects.
   */
  close(): Promise<void>
}

/**
 * Sends over SMPP 3.4. The one session is opened by the first text and kept; when it is lost, the next text opens it
 * again. It keeps the process alive only while an answer is awaited.
 *
 * Texts go out in the alphabet of the SMSC (`data_coding` 0) where the alphabet of GSM has every character, too, else
 * in UCS-2 (8); long ones as concatenated parts, each waiting for the one before.
 * @throws TypeError for missing, misspelt or malformed options.
 * @example
 * const sender = smppSender({
 *   url: 'ssmpp://smsc.example:3550', systemId: 'acme', password: process.env.SMPP_PASSWORD ?? '', source: 'Acme',
 * })
 * await sender.connect() // or wait for the first text
 * process.once('SIGTERM', () => void sender.close())
 */
export function smppSender(options: SmppSenderOptions): SmppSender {
  const settings = readSmppOptions(options)
  const { name, timeout, maxPause, now } = settings
  const receipts = createReceipts()
  const keeper = createKeeper(() => openLink(settings, receipts.came), maxPause, now)
  const submit = createSubmit(settings, keeper, receipts)
  const sending = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  async function close() {
    await withDeadline(timeout, () => Promise.allSettled(sending)).catch(ignore)
    const link = await keeper.close()
    await withDeadline(timeout, async (signal) => link?.request('unbind', {}, signal)).catch(ignore)
    link?.drop()
  }

  return {
    name,
    reports: receipts.listen,
    async send(message, { signal }) {
      if (closing) throw refused('The SMPP sender is closed.', { temporary: true })
      const sent = submit(message, signal)
      sending.add(sent)
      return sent.finally(() => sending.delete(sent))
    },
    async connect() { await keeper.link() },
    close: () => (closing ??= close()),
  }
}

const ignore = (): undefined => undefined
