import type { Markup } from '#internal/html'

/** A page without its frame. */
export interface Content {
  readonly heading: string
  /** Something has been achieved. */
  readonly isGood?: true
  /** Above the heading. */
  readonly kicker?: Markup | undefined
  readonly body: Markup
  /** For the document's head. */
  readonly head?: Markup | undefined
}
