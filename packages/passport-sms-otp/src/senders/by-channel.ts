import { isChannel, smsChannels, type SmsChannel } from '../lib/channels.js'
import { refused } from './provider-error.js'
import { canSend, isSender, shownByAll, type SmsSender } from './sender.js'

/**
 * A sender of its own for each channel.
 * @throws TypeError for a channel that there is not, what is no sender, or a sender that cannot do its channel.
 * @example
 * const sender = byChannel({
 *   sms: httpSender({ url: 'https://gateway.example/sms', payload: 'to=$ctx.num&text=$ctx.msg' }),
 *   voice: twilioSender({ client, voice: { from: '+15005550006' } }),
 * })
 */
export function byChannel(senders: Readonly<Partial<Record<SmsChannel, SmsSender>>>): SmsSender {
  const entries = checkSenders(senders)
  const table = new Map(entries)
  const distinct = [...new Set(table.values())]
  return {
    name: `by channel (${entries.map(([channel, { name }]) => `${channel}: ${name}`).join(', ')})`,
    ...distinct.every(({ development }) => development) ? { development: true } : {},
    channels: entries.map(([channel]) => channel),
    ...shownByAll(distinct),
    reports(listener) { for (const sender of distinct) sender.reports?.(listener) },
    async send(message, options) {
      const sender = table.get(message.channel ?? 'sms')
      if (!sender) throw refused(`There is no sender for ${message.channel ?? 'sms'}.`, { temporary: false })
      return { sender: sender.name, ...await sender.send(message, options) }
    },
  }
}

function checkSenders(senders: unknown): readonly (readonly [SmsChannel, SmsSender])[] {
  const entries = Object.entries(typeof senders === 'object' && senders !== null ? senders : {}) as [string, unknown][]
  if (entries.length === 0) throw new TypeError('byChannel takes senders by their channels: byChannel({ sms: first, voice: second }).')
  return entries.map(([channel, sender]) => {
    if (!isChannel(channel)) throw new TypeError(`byChannel: there is no channel '${channel}'. There are ${smsChannels.join(', ')}.`)
    if (!isSender(sender)) throw new TypeError(`byChannel: ${channel} is no sender, such as twilioSender({ ... }) or { name, send(message, { signal }) }.`)
    if (!canSend(sender, { channel })) throw new TypeError(`byChannel: the sender '${sender.name}' cannot do ${channel}. Its channels are ${sender.channels?.join(', ') ?? 'sms'}.`)
    return [channel, sender] as const
  })
}
