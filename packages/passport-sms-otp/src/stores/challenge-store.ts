import type {
  AssignRequest, Budget, ChallengeKey, ConcludeAnswer, ConcludeRequest, CountAnswer, CountRequest, ReleaseRequest,
  ReportAnswer, ReportRequest, ReserveAnswer, SendAnswer, SendRequest, UndoRequest, VerifyAnswer, VerifyRequest,
} from './operations.js'
import type { NoteRequest, TraceAnswer } from './trace-operations.js'

export type * from './operations.js'
export type * from './trace-operations.js'

/**
 * The port behind which challenges and failure ledgers live. Every operation is **one atomic step and one round trip**:
 * of many concurrent calls each sees the effect of those before it, so that limits hold exactly. The store owns time:
 * every decision about expiry, delays, windows and locks is made with the store's clock. A failure of any kind rejects;
 * nothing is guessed. Numbers are whole; another one rejects, because a NaN would open every limit.
 *
 * The store never sees a code, a phone number or a user's id: `subject` and budget keys are opaque tags (HMAC), `id` is
 * random. Prove an implementation with `challengeStoreContract` from `passport-sms-otp/testing`.
 */
export interface ChallengeStore {
  /**
   * Decides whether one text may be sent to a subject, and records it: begins a challenge, repeats a live one, or
   * refuses. In this order: disabled, locked, (repeat) exhausted or out of resends, delay since the last text of any
   * kind, windows. A refusal writes nothing. A repeat inherits attempts, resends and expiry. Of more than 64 challenges
   * of one subject a store may forget the one that ends first. A text forgets what was reported of the one before, and
   * adds its channel to those that the code went by.
   */
  send(request: SendRequest): Promise<SendAnswer>

  /**
   * Spends one attempt and says what it was worth. In this order: disabled, locked, unknown, expired, used, exhausted,
   * then the attempt is spent and counted before any answer. A match marks the challenge used (kept until it expires,
   * so that `used` can be told from `unknown`) and clears the subject's failures and its place in the delays; a
   * mismatch counts one failure, and locks or disables the subject when its time has come.
   */
  verify(request: VerifyRequest): Promise<VerifyAnswer>

  /**
   * Keeps with a challenge how the provider names the code that it made for it, in place of an earlier name. An unknown
   * challenge is ignored.
   */
  assign(request: AssignRequest): Promise<void>

  /**
   * Spends one attempt at a code that a provider made, before the provider is asked. It refuses in the order of
   * `verify`, and last a challenge that has no name of a code: `unassigned`. The attempt is spent and counted as a
   * failure, as a mismatch of `verify` is, until `conclude` says otherwise: whatever happens meanwhile, nobody has
   * guessed for nothing.
   */
  count(request: CountRequest): Promise<CountAnswer>

  /**
   * Says what a counted attempt was worth, unless it was wrong, which needs no saying.
   *
   * - `right` marks the challenge used and clears the subject's failures, as a match of `verify` does, whatever has
   *   happened to both meanwhile: of many, exactly one is `ok`.
   * - `unchecked` gives the attempt and its failure back, and what that failure brought about.
   * - `expired` does so, too, for nobody has looked at the code, and ends a challenge whose code is named like this
   *   still.
   * - `exhausted` ends it likewise, and leaves the attempt counted.
   */
  conclude(request: ConcludeRequest): Promise<ConcludeAnswer>

  /**
   * Takes back the text that a `sent` answer allowed, because it did not leave: a begun challenge is removed, a repeat
   * gives its resend back, and the text delays nobody and counts in no window any more. `unsent` says whether it counts
   * among those that were tried in vain.
   */
  undo(request: UndoRequest): Promise<void>

  /**
   * Takes one from each budget, or nothing from any; from those that are only looked at (`peek`) it takes nothing, and
   * they refuse all the same. Windows are fixed and begin with their first text. Pauses come first: a budget whose
   * texts bring back too few codes is paused by this very call, which alone says so (`began`), and those texts are
   * taken out of the conversions that follow it in the list.
   */
  reserve(budgets: readonly Budget[]): Promise<ReserveAnswer>

  /**
   * Gives one back to each budget that a `reserved` answer took from, because the text did not leave: where the window
   * that it was taken from is over, nothing. In the same step it takes one from each budget of `charge`, spent or not.
   */
  release(request: ReleaseRequest): Promise<void>

  /**
   * Tells budgets, by their keys, what came of one of their texts: its code was entered (`verified`), or trouble of the
   * gateway kept it from arriving (`lost`: it says nothing about the people there). Ignored where nothing is counted.
   * Nobody waits for it.
   */
  settle(keys: readonly string[], outcome: 'verified' | 'lost'): Promise<void>

  /**
   * Keeps what a provider says of a text of a live challenge, and says how the challenge stands. Without `news` it only
   * says it. That a text arrived is good news whichever text it was, because all have one code; it stays so until the
   * next text. That one failed counts for the last text alone, as long as none is known to have arrived. Of many calls
   * with the same news, exactly one has `changed`. It spends no attempt, and refuses nobody.
   */
  report(request: ReportRequest): Promise<ReportAnswer>

  /** Clears the subject's failures, lock and disablement. Challenges and windows stay. */
  enable(subject: string): Promise<void>

  /**
   * Remembers values by their names for good, in place of former values of the same names, and answers with all that
   * are remembered. The service keeps its sealed key there, which has to live as long as the ledgers do. Without values
   * it only reads.
   */
  remember(values: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>

  /** Forgets a challenge, because a newer one of the same session or flow takes its place. Unknown ones are ignored. */
  retire(challenge: ChallengeKey): Promise<void>

  /**
   * Adds to the trace of a subject: what help desks read, and nothing that decides anything. A store without it and
   * `trace` is refused by the option `trace`, and by nothing else.
   *
   * A note with the text of an earlier one of the same challenge is that one once more. Of one challenge 64 notes are
   * kept: the first 63 and the newest, so that nobody can push out how it began. Of challenges those that end last are
   * kept, so that nobody can push them out by an old one. As many notes of no challenge are kept beside them.
   *
   * First of all `note` drops what last happened `keptForFailures` ago, and challenges of which nothing is left. The
   * whole trace ends `keptFor` after the last call, or `keptForFailures` after it as long as failures are counted.
   */
  note?(request: NoteRequest): Promise<void>

  /** What was noted of a subject, as long as it is kept. */
  trace?(subject: string): Promise<TraceAnswer>
}
