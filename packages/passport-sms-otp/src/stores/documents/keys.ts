import { documentKey } from '#internal/documents/document-key'

// All keys of the challenge store in documents. An operation on a subject has one key, and one on budgets has one for
// each.

export const keyOfSubject = (subject: string): string => documentKey('subject', subject)

/** What is noted of it. */
export const keyOfTrace = (subject: string): string => documentKey('trace', subject)

export const keyOfBudget = (budget: string): string => documentKey('budget', budget)

export const keyOfRemembered = documentKey('remembered', 'all')
