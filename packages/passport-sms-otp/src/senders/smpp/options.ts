import { isIP } from 'node:net'
import { createSecureContext, type ConnectionOptions } from 'node:tls'
import { duration, type Duration } from '#internal/duration'
import { checkFunctions, checkOptionNames, requireText } from '#internal/option-checks'
import type { SmppAlphabet } from './parts.js'

/** Type of number and numbering plan as in SMPP 3.4 §5.2.5 and §5.2.6. */
export interface SmppAddress {
  readonly address: string
  readonly ton: number
  readonly npi: number
}

/**
 * An account at an SMSC (SMPP 3.4). Durations are texts such as `'5s'`.
 * @example
 * const options: SmppSenderOptions = {
 *   url: 'ssmpp://smsc.example:3550', systemId: 'acme', password: process.env.SMPP_PASSWORD ?? '', source: 'Acme',
 * }
 */
export interface SmppSenderOptions {
  /** `smpp://host:2775`, or `ssmpp://host:3550` over TLS. Without TLS the password and the codes travel in clear. */
  readonly url: string
  /** The name of the account at the SMSC: at most 15 characters (SMPP 3.4 §5.2.1). */
  readonly systemId: string
  /** The password of the account: at most 8 characters (SMPP 3.4 §5.2.2). */
  readonly password: string
  /**
   * Whom the text is from: a number (`'+447400123456'`), a short code (`'80080'`) or a name of at most 11 characters;
   * or the address with its type.
   */
  readonly source: string | SmppAddress
  /**
   * What the SMSC reads where `data_coding` is 0. At one that reads Latin-1 or ASCII, the `@` of the last line would be
   * another sign, or end the text.
   * @default 'gsm'
   */
  readonly alphabet?: SmppAlphabet
  /**
   * Whether the session also receives, or only sends: some accounts may do the one and not the other.
   * @default 'transceiver'
   */
  readonly bind?: 'transceiver' | 'transmitter'
  /**
   * Whether the SMSC is asked to report what becomes of texts: the event `delivery` tells. Needs a transceiver.
   * @default false
   */
  readonly receipts?: boolean
  /**
   * What kind of system this is, if the provider asks for it (SMPP 3.4 §5.2.3).
   * @default none
   */
  readonly systemType?: string
  /**
   * Stands in events.
   * @default 'smpp'
   */
  readonly name?: string
  /**
   * Texts, or parts of long ones, that the SMSC has not answered yet, at most.
   * @default 10
   */
  readonly window?: number
  /**
   * For connecting and binding, for `enquire_link`, and for unbinding.
   * @default '5s'
   */
  readonly timeout?: Duration
  /**
   * How often the SMSC is asked whether it is there.
   * @default '30s'
   */
  readonly enquireLink?: Duration
  /**
   * The longest pause between two attempts to connect; the first is at most one second.
   * @default '30s'
   */
  readonly maxPause?: Duration
  /**
   * For `ssmpp:`: options of `tls.connect`, such as `{ ca }`.
   * @default none
   */
  readonly tls?: ConnectionOptions
  /**
   * Milliseconds of a clock that never goes back, by which pauses end.
   * @default performance.now
   */
  readonly now?: () => number
}

const smppOptionNames = ['url', 'systemId', 'password', 'source', 'alphabet', 'bind', 'receipts', 'systemType', 'name', 'window', 'timeout', 'enquireLink', 'maxPause', 'tls', 'now']

export function readSmppOptions(options: SmppSenderOptions) {
  checkOptionNames('smppSender', options, smppOptionNames)
  checkFunctions(options, ['now'])
  const { alphabet = 'gsm', bind = 'transceiver', receipts = false, systemType = '', name = 'smpp', window = 10, timeout = '5s', enquireLink = '30s', maxPause = '30s', now = () => performance.now() } = options
  if (!Number.isInteger(window) || window < 1) throw new TypeError('window is a whole number from 1.')
  oneOf('alphabet', alphabet, ['gsm', 'latin1', 'ascii'])
  oneOf('bind', bind, ['transceiver', 'transmitter'])
  if (typeof receipts !== 'boolean') throw new TypeError('receipts is true or false.')
  if (receipts && bind === 'transmitter') throw new TypeError('receipts come to a session that receives: bind as a transceiver.')
  return {
    name: requireText('name', name),
    alphabet,
    command: `bind_${bind}` as const,
    receipts,
    window,
    now,
    timeout: duration('timeout', timeout, '1d'),
    enquireLink: duration('enquireLink', enquireLink, '1d'),
    maxPause: duration('maxPause', maxPause),
    connection: readUrl(options),
    source: sourceFields(readSource(options.source)),
    credentials: { system_id: ascii('systemId', options.systemId), password: ascii('password', options.password), system_type: systemType === '' ? '' : ascii('systemType', systemType), interface_version: 0x34 },
  }
}

export type SmppSettings = ReturnType<typeof readSmppOptions>

function oneOf(option: string, value: unknown, known: readonly string[]): void {
  if (!known.includes(value as string)) throw new TypeError(`${option} is ${known.map((each) => `'${each}'`).join(' or ')}, not ${JSON.stringify(value)}.`)
}

/** SMPP's C-octet strings hold ASCII. The value itself is not told: it may be the password. */
function ascii(option: string, value: unknown): string {
  const text = requireText(option, value)
  if (!/^[\x20-\x7e]+$/.test(text)) throw new TypeError(`${option} holds a character that SMPP cannot carry: only printable ASCII.`)
  return text
}

function readUrl({ url: text, tls: tlsOptions }: SmppSenderOptions) {
  const url = URL.canParse(requireText('url', text)) ? new URL(text) : undefined
  if (!url || !['smpp:', 'ssmpp:'].includes(url.protocol) || url.hostname === '') throw new TypeError('url is smpp://host:port, or ssmpp://host:port for TLS.')
  if (url.username !== '' || url.password !== '') throw new TypeError('url holds no credentials: give systemId and password.')
  const tls = url.protocol === 'ssmpp:'
  if (tlsOptions && !tls) throw new TypeError('tls has no effect on an smpp: url: write ssmpp:.')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const usual = tls ? 3550 : 2775
  const port = url.port === '' ? usual : Number(url.port)
  return { ...tls ? tlsFields(host, tlsOptions) : {}, host, port, tls }
}

/** A certificate or key that cannot be read throws here, and not with the first text. */
const tlsFields = (host: string, options: ConnectionOptions = {}): ConnectionOptions =>
  ({ ...isIP(host) === 0 ? { servername: host } : {}, secureContext: createSecureContext(options), ...options })

const sourceFields = ({ address, ton, npi }: SmppAddress) => ({
  source_addr: address,
  source_addr_ton: ton,
  source_addr_npi: npi,
})

const INTERNATIONAL = { ton: 1, npi: 1 }
const NETWORK_SPECIFIC = { ton: 3, npi: 0 }
const ALPHANUMERIC = { ton: 5, npi: 0 }

function readSource(source: unknown): SmppAddress {
  if (typeof source === 'object' && source !== null) return checkSmppAddress(source)
  const text = requireText('source', source)
  if (/^\+[1-9]\d{6,14}$/.test(text)) return { ...INTERNATIONAL, address: text.slice(1) }
  if (/^\d{3,8}$/.test(text)) return { ...NETWORK_SPECIFIC, address: text }
  if (/^(?=.*[A-Za-z])[\x20-\x7e]{1,11}$/.test(text)) return { ...ALPHANUMERIC, address: text }
  throw new TypeError('source is a number with +, a short code, a name of at most 11 ASCII characters, or { address, ton, npi }.')
}

function checkSmppAddress(source: object): SmppAddress {
  checkOptionNames('source', source, ['address', 'ton', 'npi'])
  const { address, ton, npi } = source as SmppAddress
  const isOctet = (value: unknown) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255
  if (!isOctet(ton) || !isOctet(npi)) throw new TypeError('source.ton and source.npi are whole numbers such as { address: \'80080\', ton: 3, npi: 0 }.')
  return { address: ascii('source.address', address), ton, npi }
}
