import { segment } from '../../texts/segments.js'

/** One `submit_sm` of a text. */
export interface Part {
  readonly data_coding: number
  readonly esm_class: number
  readonly short_message: Buffer
}

/** What `data_coding` 0, the default alphabet of the SMSC (SMPP 3.4 §5.2.19), is at this one. */
export type SmppAlphabet = 'gsm' | 'latin1' | 'ascii'

// The SMSC turns its own alphabet into the alphabet of the handset: only what both have arrives as it was sent.
const has: Readonly<Record<SmppAlphabet, RegExp>> = { gsm: /^[^]$/u, latin1: /^[\n\r\x20-\x7e\xa0-\xff]$/u, ascii: /^[\n\r\x20-\x7e]$/u }

const DATA_CODING = { 'GSM-7': 0, 'UCS-2': 8 } as const
const UDH_INDICATOR = 0x40
const MOST_PARTS = 255

/**
 * The text as `short_message`s: one, or concatenated ones (3GPP TS 23.040 §9.2.3.24.1) if one does not hold it.
 * @param reference 0 to 255, the same for the parts of one text
 */
export function partsOf(text: string, reference: number, smsc: SmppAlphabet): Part[] {
  const { alphabet, segments: encoded, texts } = segment(text, has[smsc])
  const data_coding = DATA_CODING[alphabet]
  const segments = alphabet === 'UCS-2' || smsc === 'gsm' ? encoded : texts.map((part) => [...Buffer.from(part, 'latin1')])
  if (segments.length > MOST_PARTS) throw new RangeError('The text is too long for a concatenated message.')
  if (segments.length === 1) {
    return segments.map(
      (units) => ({ data_coding, esm_class: 0, short_message: Buffer.from(units) }),
    )
  }
  return segments.map((units, index) => ({
    data_coding,
    esm_class: UDH_INDICATOR,
    short_message: Buffer.from([5, 0, 3, reference, segments.length, index + 1, ...units]),
  }))
}
