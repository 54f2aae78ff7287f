import { checkOptions, sentences, text, type Shape } from '../lib/option-checks.js'
import { en } from './en.js'

// English is the list of names: it is loaded at start-up, so that a misspelt sentence is told then.
const sentenceShapes: Readonly<Record<string, Shape>> = Object.fromEntries(Object.keys(en).map((name) => [name, text]))
const messageShapes = { ...sentenceShapes, tasks: sentences, fields: sentences, labels: sentences, problems: sentences }

/** @throws TypeError for a sentence that no page has, and for a value that is no sentence. */
export const checkMessages = (messages: unknown): void => checkOptions('messages.', messages, messageShapes)
