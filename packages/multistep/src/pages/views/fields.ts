import { apart, lookUp, sentence } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'
import { isOfInput } from './problem.js'

const attributes = new Map<string, Markup>([
  ['username', html`type="text" autocomplete="username" autocapitalize="none" spellcheck="false"`],
  ['password', html`type="password" autocomplete="current-password"`],
  ['phone', html`type="tel" autocomplete="tel"`],
])

// `maxlength` or `pattern` would cut or refuse a code that was pasted with spaces.
const numericCode = html`type="text" inputmode="numeric" class="code" autocomplete="one-time-code" spellcheck="false"`
const letterCode = html`type="text" inputmode="text" class="code long" autocapitalize="characters" spellcheck="false"`
const sentCode = html`${letterCode} autocomplete="one-time-code"`
// With `one-time-code`, a phone would offer a texted code for a recovery code.
const savedCode = html`${letterCode} autocomplete="off"`

/** The default of passport-sms-otp and of authenticator apps (RFC 6238). */
const DIGITS = 6
const numericCodes = new Set(['sms-otp', 'totp'])

/** How many digits the code has, as the challenge says, else the strategy. */
const digitsOf = ({ challenge, inputs }: FactorState): number | undefined =>
  (typeof challenge?.digits === 'number' ? challenge.digits : inputs?.code?.digits)

function codeAttributes(state: FactorState): Markup {
  const { factor, challenge } = state
  if (factor === 'recovery-code') return savedCode
  const digits = digitsOf(state) ?? DIGITS
  const isTexted = challenge !== undefined && (challenge.channel ?? 'sms') === 'sms'
  const texted = isTexted ? html` data-texted` : undefined
  return numericCodes.has(factor) ? html`${numericCode} data-digits="${digits}"${texted}` : html`${sentCode}${texted}`
}

const attributesOf = (factor: FactorState, field: string): Markup =>
  (field === 'code' ? codeAttributes(factor) : attributes.get(field) ?? html`type="text"`)

const isSecret = (field: string): boolean => field === 'password' || field === 'code'

function inputLabel({ messages }: PageModel, factor: FactorState, field: string): Markup {
  const digits = field === 'code' ? digitsOf(factor) : undefined
  if (digits !== undefined) return sentence(messages.codeOfDigits, { count: digits })
  return html`${lookUp(messages.fields, field) ?? field}`
}

function phoneHint({ messages }: PageModel, { inputs }: FactorState): Markup {
  const example = inputs?.phone?.example
  if (example === undefined) return html`${messages.phoneHint}`
  return sentence(messages.phoneExample, { example: apart(example, 'ltr') })
}

interface FieldOptions {
  readonly focus: boolean
  /** The ids of the texts above the fields. */
  readonly describedBy: readonly string[]
}

// `aria-describedby` names the hint and the problem, so that a screen reader reads them with the field.
function fieldOf(model: PageModel, factor: FactorState, field: string, { focus, describedBy }: FieldOptions): Markup {
  const { state: { problem } } = model
  const id = encodeURIComponent(`${factor.factor}-${field}`)
  const hint = field === 'phone' ? html`<p class="note" id="${id}-hint">${phoneHint(model, factor)}</p>` : undefined
  const described = [...describedBy, ...hint ? [`${id}-hint`] : [], ...problem ? ['problem'] : []].join(' ')
  const value = isSecret(field) ? undefined : lookUp(factor.prefill ?? {}, field)
  const more = [
    value === undefined ? undefined : html` value="${value}"`,
    described === '' ? undefined : html` aria-describedby="${described}"`,
    problem && isOfInput(problem.code) ? html` aria-invalid="true"` : undefined,
  ]
  return html`<div class="field">
<label for="${id}">${inputLabel(model, factor, field)}</label>
<input id="${id}" name="${field}" ${attributesOf(factor, field)}${more} required${focus ? html` autofocus` : undefined}>
${hint}</div>`
}

/** Inputs with labels. The first one without a known value has the focus. */
export function fieldsOf(
  model: PageModel,
  factor: FactorState,
  names: readonly string[],
  describedBy: readonly string[] = [],
): Markup {
  const { problem } = model.state
  const empty = names.find((name) => isSecret(name) || lookUp(factor.prefill ?? {}, name) === undefined)
  // A number that was refused is still there, to be mended.
  const first = empty ?? (problem && isOfInput(problem.code) ? names[0] : undefined)
  return html`${names.map((name) => fieldOf(model, factor, name, { focus: name === first, describedBy }))}`
}
