import { lookUp, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'
import { isOfInput } from './problem.js'

const attributes = new Map<string, Markup>([
  ['username', html`type="text" autocomplete="username" autocapitalize="none" spellcheck="false"`],
  ['password', html`type="password" autocomplete="current-password"`],
  ['phone', html`type="tel" autocomplete="tel"`],
])

// No maxlength and no pattern: they would cut or refuse a code pasted with its spaces.
const numeric = html`type="text" inputmode="numeric" class="code" autocomplete="one-time-code" spellcheck="false"`
const sent = html`type="text" inputmode="text" class="code long" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false"`
// Phones offer a texted code in every field of one-time-code: a recovery code is no such code.
const saved = html`type="text" inputmode="text" class="code long" autocomplete="off" autocapitalize="characters" spellcheck="false"`

/** As long as passport-sms-otp and RFC 6238 have them, where nothing else is said. */
const DIGITS = 6
const numericCodes = new Set(['sms-otp', 'totp'])

function codeAttributes({ factor, challenge }: FactorState): Markup {
  if (factor === 'recovery-code') return saved
  const digits = typeof challenge?.digits === 'number' ? challenge.digits : DIGITS
  const texted = challenge === undefined ? undefined : html` data-texted`
  return numericCodes.has(factor) ? html`${numeric} data-digits="${digits}"${texted}` : html`${sent}${texted}`
}

const attributesOf = (factor: FactorState, field: string): Markup =>
  (field === 'code' ? codeAttributes(factor) : attributes.get(field) ?? html`type="text"`)

const isSecret = (field: string): boolean => field === 'password' || field === 'code'

function labelOf({ messages }: PageModel, { challenge }: FactorState, field: string): Markup {
  if (field === 'code' && typeof challenge?.digits === 'number') return sentence(messages.codeOfDigits, { count: challenge.digits })
  return html`${lookUp(messages.fields, field) ?? field}`
}

interface FieldOptions {
  readonly focus: boolean
  /** Ids of what is said above the fields. */
  readonly describedBy: readonly string[]
}

// Described by its hint and by the problem, so that a screen reader meets all of them together.
function fieldOf(model: PageModel, factor: FactorState, field: string, { focus, describedBy }: FieldOptions): Markup {
  const { messages, state: { problem } } = model
  const id = encodeURIComponent(`${factor.factor}-${field}`)
  const hint = field === 'phone' ? html`<p class="note" id="${id}-hint">${messages.phoneHint}</p>` : undefined
  const described = [...describedBy, ...hint ? [`${id}-hint`] : [], ...problem ? ['problem'] : []].join(' ')
  const value = isSecret(field) ? undefined : lookUp(factor.prefill ?? {}, field)
  return html`<div class="field">
<label for="${id}">${labelOf(model, factor, field)}</label>
<input id="${id}" name="${field}" ${attributesOf(factor, field)}${value === undefined ? undefined : html` value="${value}"`}${
  described === '' ? undefined : html` aria-describedby="${described}"`}${
  problem && isOfInput(problem.code) ? html` aria-invalid="true"` : undefined} required${focus ? html` autofocus` : undefined}>
${hint}</div>`
}

/** Labelled inputs. The first one without a known value has the focus. */
export function fieldsOf(model: PageModel, factor: FactorState, names: readonly string[], describedBy: readonly string[] = []): Markup {
  const first = names.find((name) => isSecret(name) || lookUp(factor.prefill ?? {}, name) === undefined)
  return html`${names.map((name) => fieldOf(model, factor, name, { focus: name === first, describedBy }))}`
}
