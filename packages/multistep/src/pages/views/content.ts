import type { Markup } from '#internal/html'

/** The content of a page, without its frame. */
export interface Content {
  readonly heading: string
  /** The user has finished. The heading shows it. */
  readonly isGood?: true
  /** The line above the heading. */
  readonly kicker?: Markup | undefined
  readonly body: Markup
  /** More of the document's `<head>`. */
  readonly head?: Markup | undefined
}
