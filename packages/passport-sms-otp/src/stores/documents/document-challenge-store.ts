import { changeOne, type Documents, type Expiring } from '#internal/documents/documents'
import { checkOptionNames, hasMethods } from '#internal/option-checks'
import { SmsOtpError } from '../../lib/errors.js'
import type {
  AssignRequest, Budget, ChallengeKey, ChallengeStore, ConcludeAnswer, ConcludeRequest, CountAnswer, CountRequest,
  NoteRequest, ReleaseRequest, ReportAnswer, ReportRequest, ReserveAnswer, SendAnswer, SendRequest, TraceAnswer,
  UndoRequest, VerifyAnswer, VerifyRequest,
} from '../challenge-store.js'
import { enableSubject, spendAttempt } from '../rules/attempts.js'
import {
  releaseBudgets, reserveBudgets, settleBudgets, type BudgetChange, type BudgetRecord, type BudgetRecords,
} from '../rules/budgets.js'
import { assignVerification, concludeAttempt, countAttempt } from '../rules/checks.js'
import { retireChallenge, type SubjectChange, type SubjectRecord } from '../rules/subject.js'
import { noteReport } from '../rules/reports.js'
import { recordText, undoText } from '../rules/texts.js'
import { addNotes, readTrace, type TraceRecord } from '../rules/trace.js'
import {
  checkLockout, checkNotes, checkReport, checkSend, checkVerification, countersOf, judgedOf,
} from '../store-request.js'
import { keyOfBudget, keyOfRemembered, keyOfSubject, keyOfTrace } from './keys.js'

/** Where the store keeps what it knows. */
export interface DocumentChallengeStoreOptions {
  /** Where the documents are kept. Their clock is the clock of the store. */
  readonly documents: Documents
}

type Texts = Readonly<Record<string, string>>

/** What is remembered for good. */
interface RememberedRecord extends Expiring {
  readonly values: Texts
}

/**
 * A challenge store over documents, and so on any database that has an adapter of `Documents`. All rules are pure
 * functions (`stores/rules`). Each operation is one change: of one document for a subject, of one document for each
 * budget. Every failure rejects with `store_unavailable`.
 * @example
 * const { documents } = postgres({ pool: new Pool() })
 * new SmsOtp({ sender, secret, countries: ['GB'], store: new DocumentChallengeStore({ documents }) })
 */
export class DocumentChallengeStore implements ChallengeStore {
  private readonly documents: Documents

  /** @throws TypeError for options that are none. */
  constructor(options: DocumentChallengeStoreOptions) {
    checkOptionNames('DocumentChallengeStore', options, ['documents'])
    if (!hasMethods(options.documents, ['change', 'read', 'sweep'])) {
      throw new TypeError('documents is an adapter of a database: { change, read, sweep }.')
    }
    this.documents = options.documents
  }

  async send(request: SendRequest): Promise<SendAnswer> {
    checkSend(request)
    return this.onSubject(request.subject, (record, now) => recordText(record, request, now))
  }

  async verify(request: VerifyRequest): Promise<VerifyAnswer> {
    checkLockout(request.lockout)
    return this.onSubject(request.subject, (record, now) => spendAttempt(record, request, now))
  }

  async assign(request: AssignRequest): Promise<void> {
    checkVerification(request.verification)
    return this.onSubject(request.subject, (record, now) => assignVerification(record, request, now))
  }

  async count(request: CountRequest): Promise<CountAnswer> {
    checkLockout(request.lockout)
    return this.onSubject(request.subject, (record, now) => countAttempt(record, request, now))
  }

  async conclude(request: ConcludeRequest): Promise<ConcludeAnswer> {
    return this.onSubject(request.subject, (record, now) => concludeAttempt(record, request, now))
  }

  async undo(request: UndoRequest): Promise<void> {
    return this.onSubject(request.subject, (record, now) => undoText(record, request, now))
  }

  async report(request: ReportRequest): Promise<ReportAnswer> {
    checkReport(request)
    return this.onSubject(request.subject, (record, now) => noteReport(record, request, now))
  }

  async enable(subject: string): Promise<void> {
    return this.onSubject(subject, enableSubject)
  }

  async retire({ subject, id }: ChallengeKey): Promise<void> {
    return this.onSubject(subject, (record, now) => retireChallenge(record, id, now))
  }

  async reserve(budgets: readonly Budget[]): Promise<ReserveAnswer> {
    checkBudgets(budgets)
    return this.onBudgets(budgets.map(({ key }) => key), (records, now) => reserveBudgets(records, budgets, now))
  }

  async release(request: ReleaseRequest): Promise<void> {
    const { budgets, charge = [] } = request
    checkBudgets([...budgets, ...charge])
    const keys = [...budgets, ...charge].map(({ key }) => key)
    if (keys.length > 0) await this.onBudgets(keys, (records, now) => releaseBudgets(records, request, now))
  }

  async settle(keys: readonly string[], outcome: 'verified' | 'lost'): Promise<void> {
    if (keys.length > 0) await this.onBudgets(keys, (records, now) => settleBudgets(records, outcome, now))
  }

  async remember(values: Texts): Promise<Texts> {
    return answered(changeOne<RememberedRecord, Texts>(this.documents, keyOfRemembered, (record) => {
      const remembered = { ...record?.values, ...values }
      if (Object.keys(values).length === 0) return { record, answer: remembered }
      return { record: { expiresAt: Number.MAX_SAFE_INTEGER, values: remembered }, answer: remembered }
    }))
  }

  async note(request: NoteRequest): Promise<void> {
    checkNotes(request)
    const keys = [keyOfTrace(request.subject), keyOfSubject(request.subject)]
    return answered(this.documents.change<Expiring, undefined>(keys, ([trace, subject], now) => {
      const noted = addNotes(trace as TraceRecord | undefined, subject as SubjectRecord | undefined, request, now)
      return { records: [noted, subject], answer: undefined }
    }))
  }

  async trace(subject: string): Promise<TraceAnswer> {
    const { records: [trace], now } = await answered(this.documents.read<TraceRecord>([keyOfTrace(subject)]))
    return readTrace(trace, now)
  }

  private onSubject<Answer>(
    subject: string,
    decide: (record: SubjectRecord | undefined, now: number) => SubjectChange<Answer>,
  ): Promise<Answer> {
    return answered(changeOne(this.documents, keyOfSubject(subject), decide))
  }

  private onBudgets<Answer>(
    budgets: readonly string[],
    decide: (records: BudgetRecords, now: number) => BudgetChange<Answer>,
  ): Promise<Answer> {
    const distinct = [...new Set(budgets)]
    return answered(this.documents.change<BudgetRecord, Answer>(distinct.map(keyOfBudget), (found, now) => {
      const held = distinct.flatMap((budget, place) => (found[place] ? [[budget, found[place]] as const] : []))
      const { records, answer } = decide(new Map(held), now)
      return { records: distinct.map((budget) => records.get(budget)), answer }
    }))
  }
}

/** Before the change, for what a caller does wrong is no failure of the database. */
function checkBudgets(budgets: readonly Budget[]): void {
  countersOf(budgets)
  judgedOf(budgets)
}

const answered = async <Answer>(change: Promise<Answer>): Promise<Answer> => {
  try {
    return await change
  } catch (cause) {
    if (cause instanceof SmsOtpError) throw cause
    throw new SmsOtpError('store_unavailable', 'The database of the challenge store did not answer.', { cause })
  }
}
