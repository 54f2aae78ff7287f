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

/** The challenge once a text has gone by this channel. Nothing is known of it yet; that one arrived stays known. */
export function wentBy(
  challenge: HeldChallenge,
  { channel = 'sms' }: Pick<SendRequest, 'channel'>,
  isFirst: boolean,
): HeldChallenge {
  const { channels, delivery, ...others } = challenge
  const rest = delivery === 'delivered' ? { ...others, delivery } : others
  if (channel === 'sms' && !channels) return delivery === 'failed' ? rest : challenge
  const before = isFirst ? [] : channelsOf({ channels })
  const all = [...before.filter((one) => one !== channel), channel]
  return withChannels(rest, all)
}

/**
 * The challenge of a text that did not leave by this channel, which no other text went by. Of the other channels, the
 * one of the last place counts as the last one: a store keeps no more of their order.
 */
export function didNotGoBy(challenge: HeldChallenge, channel: SmsChannel): HeldChallenge {
  const { channels, ...rest } = challenge
  const left = inOrder(channelsOf({ channels })).filter((one) => one !== channel)
  return withChannels(rest, left)
}

const withChannels = (challenge: HeldChallenge, channels: readonly SmsChannel[]): HeldChallenge =>
  (channels.every((one) => one === 'sms') ? challenge : { ...challenge, channels })

/** The channels that the code does not go by a second time by itself. */
export const triedOf = (challenge: Pick<HeldChallenge, 'channels' | 'passedOver'>): readonly SmsChannel[] =>
  [...channelsOf(challenge), ...challenge.passedOver ?? []]
