import { segment } from '../../segments.js'

/** One `submit_sm` of a text. */
export interface Part {
  readonly data_coding: number
  readonly esm_class: number
  readonly short_message: Buffer
}

const DATA_CODING = { 'GSM-7': 0, 'UCS-2': 8 } as const
const UDH_INDICATOR = 0x40
const MOST_PARTS = 255

/**
 * The text as `short_message`s: one, or concatenated ones (3GPP TS 23.040 §9.2.3.24.1) if one does not hold it.
 * @param reference 0 to 255, the same for the parts of one text
 */
export function partsOf(text: string, reference: number): Part[] {
  const { alphabet, segments } = segment(text)
  const data_coding = DATA_CODING[alphabet]
  if (segments.length > MOST_PARTS) throw new RangeError('The text is too long for a concatenated message.')
  if (segments.length === 1) return segments.map((units) => ({ data_coding, esm_class: 0, short_message: Buffer.from(units) }))
  return segments.map((units, index) => ({
    data_coding,
    esm_class: UDH_INDICATOR,
    short_message: Buffer.from([5, 0, 3, reference, segments.length, index + 1, ...units]),
  }))
}
