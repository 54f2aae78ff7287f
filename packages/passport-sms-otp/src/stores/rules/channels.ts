import { smsChannels, type SmsChannel } from '../../lib/channels.js'
import type { SendRequest } from '../challenge-store.js'
import type { HeldChallenge } from './subject.js'

// Channels: how a code went to its phone. Of a code that went as a text alone, nothing is kept.

const onlyText: readonly SmsChannel[] = ['sms']

/** That the code of a challenge went by, the last one last. */
export const channelsOf = ({ channels = onlyText }: Pick<HeldChallenge, 'channels'>): readonly SmsChannel[] => channels

/** The one that its last text went by. */
export const lastChannelOf = (challenge: Pick<HeldChallenge, 'channels'>): SmsChannel =>
  channelsOf(challenge).at(-1) ?? 'sms'

/** As they are told. */
export const inOrder = (channels: readonly SmsChannel[]): readonly SmsChannel[] =>
  smsChannels.filter((channel) => channels.includes(channel))

/** What a proof says of them. */
export const evidenceOf = ({ channels }: Pick<HeldChallenge, 'channels'>) => (channels ? { channels: inOrder(channels) } : {})

/** The challenge once a text has gone by this channel. Nothing is known of that text yet. */
export function wentBy(
  challenge: HeldChallenge,
  { channel = 'sms' }: Pick<SendRequest, 'channel'>,
  isFirst: boolean,
): HeldChallenge {
  const { channels, delivery, ...rest } = challenge
  if (channel === 'sms' && !channels) return delivery ? rest : challenge
  const before = isFirst ? [] : channelsOf({ channels })
  const all = [...before.filter((one) => one !== channel), channel]
  return all.every((one) => one === 'sms') ? rest : { ...rest, channels: all }
}
