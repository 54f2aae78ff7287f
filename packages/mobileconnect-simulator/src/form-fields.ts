export type Fields = Readonly<Record<string, string | undefined>>

/**
 * What a query or a form says once; what it says twice, or what is no text, counts as left out. So does what is empty.
 */
export const fieldsOf = (...sources: readonly unknown[]): Fields =>
  Object.fromEntries(
    sources
      .flatMap((source) => Object.entries(source ?? {}))
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''),
  )
