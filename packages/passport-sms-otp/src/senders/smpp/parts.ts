/** One `submit_sm` of a text. */
export interface Part {
  readonly data_coding: number
  readonly esm_class: number
  readonly short_message: Buffer
}

// 3GPP TS 23.038 §6.2.1 and §6.2.1.1: the place in the table is the octet; those of the extension table follow an escape.
const BASIC = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const ESCAPE = 0x1b
const EXTENSION: Readonly<Record<string, number>> = { '\f': 0x0a, '^': 0x14, '{': 0x28, '}': 0x29, '\\': 0x2f, '[': 0x3c, '~': 0x3d, ']': 0x3e, '|': 0x40, '€': 0x65 }

const GSM = { dataCoding: 0, alone: 160, together: 153 }
const UCS2 = { dataCoding: 8, alone: 140, together: 134 }
const UDH_INDICATOR = 0x40
const MOST_PARTS = 255

/**
 * The text as `short_message`s: in the GSM alphabet if it can be, else in UCS-2, and cut into concatenated ones (3GPP TS 23.040 §9.2.3.24.1)
 * if one does not hold it.
 * @param reference 0 to 255, the same for the parts of one text
 */
export function partsOf(text: string, reference: number): Part[] {
  const characters = Array.from(text)
  const gsm = characters.map(gsmOctets)
  const isGsm = gsm.every((octets) => octets !== undefined)
  const { dataCoding, alone, together } = isGsm ? GSM : UCS2
  const encoded = isGsm ? gsm : characters.map(ucs2Octets)
  const whole = encoded.flat()
  if (whole.length <= alone) return [{ data_coding: dataCoding, esm_class: 0, short_message: Buffer.from(whole) }]
  const cuts = cut(encoded, together)
  if (cuts.length > MOST_PARTS) throw new RangeError('The text is too long for a concatenated message.')
  return cuts.map((octets, index) => ({
    data_coding: dataCoding,
    esm_class: UDH_INDICATOR,
    short_message: Buffer.from([5, 0, 3, reference, cuts.length, index + 1, ...octets]),
  }))
}

function gsmOctets(character: string): number[] | undefined {
  const extension = EXTENSION[character]
  if (extension !== undefined) return [ESCAPE, extension]
  const basic = BASIC.indexOf(character)
  return basic === -1 || basic === ESCAPE ? undefined : [basic]
}

const ucs2Octets = (character: string): number[] => [...Buffer.from(character, 'utf16le').swap16()]

/** Never inside a character: neither an escape nor a surrogate is parted from what follows it. */
function cut(characters: readonly number[][], most: number): number[][] {
  const parts: number[][] = [[]]
  for (const octets of characters) {
    const last = parts.at(-1) ?? []
    if (last.length + octets.length > most) parts.push([...octets])
    else last.push(...octets)
  }
  return parts
}
