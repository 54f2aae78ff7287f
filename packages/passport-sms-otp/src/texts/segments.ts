// 3GPP TS 23.038 §6.2.1 and §6.2.1.1: the place in the table is the octet. Octets of the extension table follow an
// escape.
const BASIC = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const ESCAPE = 0x1b
const EXTENSION: Readonly<Record<string, number>> = { '\f': 0x0a, '^': 0x14, '{': 0x28, '}': 0x29, '\\': 0x2f, '[': 0x3c, '~': 0x3d, ']': 0x3e, '|': 0x40, '€': 0x65 }

const sizes = {
  'GSM-7': { alone: 160, together: 153 },
  'UCS-2': { alone: 140, together: 134 },
} as const

/** A text as it travels: every segment is paid for like a text of its own. */
export interface Segmented {
  readonly alphabet: 'GSM-7' | 'UCS-2'
  /** Septets of the one alphabet, octets of the other. */
  readonly segments: readonly (readonly number[])[]
  /** The same as text. */
  readonly texts: readonly string[]
  /** The first character that made it UCS-2, where 70 fit one text and not 160. */
  readonly foreign?: string
}

/**
 * In the GSM alphabet if it can be, else in UCS-2, and cut if one segment does not hold it (3GPP TS 23.040
 * §9.2.3.24.1).
 * @param only - of the GSM alphabet, what may be used of it
 */
export function segment(text: string, only = /^[^]$/u): Segmented {
  const characters = Array.from(text)
  const foreign = characters.find((character) => gsmSeptets(character) === undefined || !only.test(character))
  const alphabet = foreign === undefined ? 'GSM-7' : 'UCS-2'
  const encoded = characters.map(
    (character) => (foreign === undefined ? gsmSeptets(character) : undefined) ?? ucs2Octets(character),
  )
  const { alone, together } = sizes[alphabet]
  const parts = cut(encoded, encoded.flat().length <= alone ? alone : together)
  return {
    alphabet,
    segments: parts.map(({ from, to }) => encoded.slice(from, to).flat()),
    texts: parts.map(({ from, to }) => characters.slice(from, to).join('')),
    ...foreign === undefined ? {} : { foreign },
  }
}

function gsmSeptets(character: string): number[] | undefined {
  const extension = EXTENSION[character]
  if (extension !== undefined) return [ESCAPE, extension]
  const basic = BASIC.indexOf(character)
  return basic === -1 || basic === ESCAPE ? undefined : [basic]
}

const ucs2Octets = (character: string): number[] => [...Buffer.from(character, 'utf16le').swap16()]

/** The characters of each part: neither an escape nor a surrogate is parted from what follows it. */
function cut(characters: readonly number[][], most: number): { from: number, to: number }[] {
  const parts = [{ from: 0, to: 0 }]
  let size = 0
  for (const [index, units] of characters.entries()) {
    const last = parts.at(-1)
    size += units.length
    if (last && size <= most) {
      last.to = index + 1
    } else {
      parts.push({ from: index, to: index + 1 })
      size = units.length
    }
  }
  return parts
}

/**
 * What a text costs: how many segments it takes, and in which alphabet.
 * @example
 * segmentsOf('123456 es tu código de Acme.') // { segments: 1, alphabet: 'UCS-2' }
 */
export function segmentsOf(text: string): { readonly segments: number, readonly alphabet: 'GSM-7' | 'UCS-2' } {
  const { segments, alphabet } = segment(text)
  return { segments: segments.length, alphabet }
}
