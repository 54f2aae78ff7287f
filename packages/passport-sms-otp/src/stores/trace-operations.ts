// What `note` and `trace` of a `ChallengeStore` are asked, and what they answer.

/** What happened, as the service writes it. A store does not read it. */
export interface Note {
  /** 1 to 1000 characters. */
  readonly text: string
  /**
   * When it happened.
   * @default the time of the store
   */
  readonly at?: number | undefined
}

/** What to add to the trace of a subject. */
export interface NoteRequest {
  readonly subject: string
  /**
   * The challenge that it is about: up to 22 characters that name it and open nothing, and its end. Absent: what was
   * asked made none.
   */
  readonly challenge?: { readonly name: string, readonly expiresAt: number } | undefined
  /** At least one. */
  readonly notes: readonly Note[]
  /** Of so many challenges notes are kept: of those that end last. */
  readonly last: number
  /** Milliseconds for which a trace is kept after its last note. */
  readonly keptFor: number
  /**
   * The same, as long as failures are counted against the subject. What last happened longer ago is dropped in any
   * case, as the next note is added.
   */
  readonly keptForFailures: number
}

/** A note as it is kept. */
export interface KeptNote {
  /** As of the request. */
  readonly challenge?: NoteRequest['challenge']
  readonly text: string
  /** When it happened first, when it happened last, and how often. */
  readonly at: number
  readonly lastAt: number
  readonly times: number
}

/** The trace of a subject. */
export interface TraceAnswer {
  readonly at: number
  /** Notes of one challenge stand together, as they came. */
  readonly notes: readonly KeptNote[]
}
