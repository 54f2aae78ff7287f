/** Who has to do something about it. */
export type TwilioKind =
  /** The number cannot be texted, or its owner opted out. */
  | 'destination'
  /** Twilio suspects fraud, or the country is not enabled. */
  | 'blocked'
  /** The operator of the app: account, credentials, sender number, registration. */
  | 'account'
  /** Too many at once. */
  | 'rate'
  /** The handset or its network, now. */
  | 'handset'

/** What one of Twilio's error codes means: `twilioCode('21610')` says that the owner of the number opted out. */
export interface TwilioCode {
  readonly kind: TwilioKind
  /** Whether trying later may help. */
  readonly temporary: boolean
  readonly meaning: string
}

const destination = (meaning: string): TwilioCode => ({ kind: 'destination', temporary: false, meaning })
const closed = (meaning: string): TwilioCode => ({ kind: 'blocked', temporary: false, meaning })
const paused = (meaning: string): TwilioCode => ({ kind: 'blocked', temporary: true, meaning })
const account = (meaning: string): TwilioCode => ({ kind: 'account', temporary: false, meaning })
const rate = (meaning: string): TwilioCode => ({ kind: 'rate', temporary: true, meaning })
const handset = (meaning: string): TwilioCode => ({ kind: 'handset', temporary: true, meaning })

const codes: Readonly<Record<string, TwilioCode>> = {
  21211: destination('not a valid number'),
  63003: destination('the number has no account there'),
  63024: destination('the number cannot get messages there'),
  21268: destination('not a number that may be texted'),
  21612: destination('no route to this number'),
  21614: destination('not a mobile number'),
  30006: destination('a landline, or a network that cannot be reached'),
  60200: destination('a parameter is not valid'),
  60205: destination('a landline'),
  21610: destination('the owner opted out (STOP)'),

  21408: closed('texts to this country are not enabled'),
  21215: closed('calls to this country are not enabled'),
  60605: closed('texts to this country are not enabled'),
  60238: closed('blocked'),
  60412: closed('suspected fraud'),
  60410: paused('numbers like this one are blocked for a while, on suspicion of fraud'),
  30450: paused('numbers like this one are blocked for a while, on suspicion of fraud'),
  30453: paused('numbers like this one are blocked for a while, on suspicion of fraud'),

  20003: account('the credentials are wrong'),
  20404: account('the account or the address is not found'),
  21606: account('the sender number cannot send texts'),
  21210: account('the calling number is not verified'),
  63007: account('the sender is not set up for this channel'),
  63016: account('WhatsApp wants an approved template: give contentSid'),
  21608: account('a trial account texts verified numbers only'),
  30002: account('the account is suspended'),
  30032: account('the toll-free sender number is not verified'),
  30034: account('the sender number is not registered (10DLC)'),

  20429: rate('too many requests'),
  21611: rate('the queue of the sender number is full'),
  30001: rate('the queue is full'),
  60202: rate('too many checks of this number'),
  60203: rate('too many texts to this number'),
  60212: rate('too many texts to this number at once'),

  30003: handset('the handset cannot be reached'),
  30004: handset('the handset or its network blocked the text'),
  30005: handset('the number is not known to its network'),
  30007: handset('the network filtered the text: look at its wording'),
  30008: handset('the network did not say why'),
}

/**
 * What a code of Twilio (`providerCode` of an event or a result) means, if it is one that calls for a reaction.
 * @example
 * otp.on('undeliverable', ({ providerCode }) => {
 *   if (twilioCode(providerCode)?.kind === 'account') console.error('Look at the account at Twilio', providerCode)
 * })
 */
export function twilioCode(providerCode: string | number | undefined): TwilioCode | undefined {
  const key = String(providerCode)
  return Object.hasOwn(codes, key) ? codes[key] : undefined
}
