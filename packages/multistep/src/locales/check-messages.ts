import { checkOptions, sentences, text, type Shape } from '../lib/option-checks.js'
import { en } from './en.js'

// English is the list of names: it is loaded at start-up, so that a misspelt sentence is told then.
const messageShapes: Readonly<Record<string, Shape>> = Object.fromEntries(
  Object.entries(en).map(([name, words]) => [name, typeof words === 'string' ? text : sentences]),
)

/** @throws TypeError for a sentence that no page has, and for a value that is no sentence. */
export const checkMessages = (messages: unknown): void => checkOptions('messages.', messages, messageShapes)
