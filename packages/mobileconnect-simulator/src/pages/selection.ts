import type { Operator } from '../configuration.js'
import { html } from '#internal/html'
import { page } from './page.js'
import { problemOf } from './problem.js'

const from = 'Operator discovery'

export const selectionPage = ({ operators, problem }: { operators: readonly Operator[], problem?: string }): string =>
  page({
    from,
    title: 'Who is your mobile operator?',
    body: html`${problemOf(problem)}
<form method="post">
${operators.map(({ id, name }) => html`<button name="operator" value="${id}">${name}</button>`)}
</form>
<h2>Or find it by your number</h2>
<form method="post">
<label for="msisdn">Mobile number</label>
<input id="msisdn" name="msisdn" type="tel" inputmode="tel" autocomplete="tel" required>
<button class="primary">Continue</button>
</form>
<form method="post"><button name="cancel" value="yes">Cancel</button></form>`,
  })

export const selectionErrorPage = (): string =>
  page({ from, title: 'This request is over', body: html`<p>Go back to the app and begin again.</p>` })
