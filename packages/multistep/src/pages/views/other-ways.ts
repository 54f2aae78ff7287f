import { apart } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'
import type { FactorState } from '../../state/state.js'
import { actionsOf } from './factor.js'
import { pageOf } from './form.js'

const hintOf = ({ hint, challenge }: FactorState): Markup | undefined =>
  (typeof hint !== 'string' || challenge !== undefined ? undefined : html` <span class="hint">${apart(hint)}</span>`)

const way = (model: PageModel, factor: FactorState): Markup => (factor.redirects && !factor.challenge
  ? actionsOf(model, factor)
  : html`<a href="${pageOf(model, factor.factor)}">${factor.label}${hintOf(factor)}</a>`)

// Links, not more forms: a browser that fills in codes and passwords finds one field of a kind.
export const otherWays = (model: PageModel, factors: readonly FactorState[]): Markup | undefined => (factors.length === 0
  ? undefined
  : html`<nav aria-labelledby="others">
<h2 id="others">${model.messages.tryAnotherWay}</h2>
<ul>
${factors.map((factor) => html`<li>${way(model, factor)}</li>`)}
</ul>
</nav>`)
