import { apart } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'
import { actionsOf } from './factor.js'
import { factorPage } from './form.js'

const hintOf = ({ hint, challenge }: FactorState): Markup | undefined =>
  typeof hint === 'string' && challenge === undefined ? html` <span class="hint">${apart(hint)}</span>` : undefined

const way = (model: PageModel, factor: FactorState): Markup => {
  const { redirects, challenge, links } = factor
  if (redirects && !challenge && links.page === undefined) return actionsOf(model, factor)
  return html`<a href="${links.page ?? factorPage(model, factor.factor)}">${factor.label}${hintOf(factor)}</a>`
}

// Links, because more forms would give a password manager several fields of one kind.
export function otherWays(model: PageModel, factors: readonly FactorState[]): Markup | undefined {
  if (factors.length === 0) return undefined
  return html`<nav aria-labelledby="others">
<h2 id="others">${model.messages.tryAnotherWay}</h2>
<ul>
${factors.map((factor) => html`<li>${way(model, factor)}</li>`)}
</ul>
</nav>`
}
