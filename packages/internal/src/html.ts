import escape from 'escape-html'

/** Text that is HTML already. Made by {@link html} only: what comes out of a store or a request cannot pass for it. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Piece = Markup | string | number | null | undefined | readonly Piece[]

const render = (piece: Piece): string => {
  if (piece instanceof Markup) return piece.text
  if (piece === undefined || piece === null) return ''
  return typeof piece === 'object' ? piece.map(render).join('') : escape(String(piece))
}

/** A template whose every value is escaped, unless it is {@link Markup}. Attributes must be written in quotes. */
export const html = (strings: TemplateStringsArray, ...values: readonly Piece[]): Markup =>
  new Markup(strings.map((part, index) => part + render(values[index])).join(''))
