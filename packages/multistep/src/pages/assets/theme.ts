/** Red, green and blue, each from 0 to 255. */
type Colour = readonly [number, number, number]

// The colours of style.ts that the accent stands on: page, card, and the text of a filled button.
const light = { backgrounds: ['#f3f4f6', '#ffffff'], onAccent: '#ffffff', towards: [0, 0, 0] } as const
const dark = { backgrounds: ['#121417', '#1c1f24'], onAccent: '#121417', towards: [255, 255, 255] } as const

/** WCAG 2.2, success criterion 1.4.3: contrast of at least 4.5 to 1. */
const LEGIBLE = 4.5

/**
 * A style sheet that puts this colour, `#0a7` or `#00aa77`, in the place of the pages' own blue, in light and in dark.
 */
export const theme = (accent: string): string => `:root { ${properties(accent, light)} }
@media (prefers-color-scheme: dark) { :root { ${properties(accent, dark)} } }
`

function properties(accent: string, { backgrounds, onAccent, towards }: typeof light | typeof dark): string {
  const legible = legibleFrom(parse(accent), backgrounds.map(parse), towards)
  return `--accent: ${hex(legible)}; --accent-strong: ${hex(mixed(legible, towards, 0.2))}; --on-accent: ${onAccent};`
}

/** The nearest colour, on the way to black or white, that can be read on every background. */
function legibleFrom(colour: Colour, backgrounds: readonly Colour[], towards: Colour): Colour {
  for (let share = 0; share < 1; share += 0.02) {
    const candidate = mixed(colour, towards, share)
    if (backgrounds.every((background) => contrast(candidate, background) >= LEGIBLE)) return candidate
  }
  return towards
}

const mixed = ([red, green, blue]: Colour, [r, g, b]: Colour, share: number): Colour =>
  [Math.round(red + (r - red) * share), Math.round(green + (g - green) * share), Math.round(blue + (b - blue) * share)]

function parse(colour: string): Colour {
  const digits = colour.slice(1)
  const long = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits
  return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16)) as unknown as Colour
}

const hex = (colour: Colour): string => `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`

/** WCAG 2.2, "contrast ratio". */
function contrast(one: Colour, other: Colour): number {
  const [bright = 1, dim = 1] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (bright + 0.05) / (dim + 0.05)
}

/** WCAG 2.2, "relative luminance". */
function luminance([red, green, blue]: Colour): number {
  const linear = (part: number): number => (part <= 10.31475 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4)
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}
