import type { FactorState } from '../../state.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import { lookUp } from '../format.js'

const attributes = new Map<string, Markup>([
  ['username', html`type="text" autocomplete="username" autocapitalize="none" spellcheck="false"`],
  ['password', html`type="password" autocomplete="current-password"`],
  ['phone', html`type="tel" autocomplete="tel"`],
])
const numericCodes = new Set(['sms-otp', 'totp'])

// No maxlength and no pattern: they would cut or refuse a code pasted with its spaces.
const codeAttributes = ({ factor, challenge }: FactorState): Markup => html`type="text" inputmode="${numericCodes.has(factor) ? 'numeric' : 'text'}"
 autocomplete="one-time-code" autocapitalize="characters" spellcheck="false"${challenge && html` data-texted`}`

const attributesOf = (factor: FactorState, field: string): Markup =>
  field === 'code' ? codeAttributes(factor) : attributes.get(field) ?? html`type="text"`

const isSecret = (field: string): boolean => field === 'password' || field === 'code'

// Described by the problem, so that a screen reader meets both together.
const fieldOf = (model: PageModel, factor: FactorState, field: string, focus: boolean): Markup => {
  const id = encodeURIComponent(`${factor.factor}-${field}`)
  const hint = field === 'phone' ? html`<p class="note" id="${id}-hint">${model.messages.phoneHint}</p>` : undefined
  const described = [...hint ? [`${id}-hint`] : [], ...model.state.problem ? ['problem'] : []].join(' ')
  const value = isSecret(field) ? undefined : lookUp(factor.prefill ?? {}, field)
  return html`<div class="field">
<label for="${id}">${lookUp(model.messages.fields, field) ?? field}</label>
<input id="${id}" name="${field}" ${attributesOf(factor, field)}${value !== undefined ? html` value="${value}"` : undefined}${
  described ? html` aria-describedby="${described}"` : undefined} required${focus ? html` autofocus` : undefined}>
${hint}</div>`
}

/** Labelled inputs. The first one without a known value has the focus. */
export const fieldsOf = (model: PageModel, factor: FactorState, names: readonly string[]): Markup => {
  const first = names.find((name) => isSecret(name) || lookUp(factor.prefill ?? {}, name) === undefined)
  return html`${names.map((name) => fieldOf(model, factor, name, name === first))}`
}
