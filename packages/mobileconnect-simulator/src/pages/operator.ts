import type { Operator, Subscriber } from '../configuration.js'
import type { Level } from '../options.js'
import type { Fields } from '../form-fields.js'
import { html } from '#internal/html'
import { page } from './page.js'
import { problemOf } from './problem.js'

export const numberPage = ({ operator, problem }: { operator: Operator, problem?: string }): string => page({
  from: operator.name,
  title: 'Your mobile number',
  body: html`${problemOf(problem)}
<form method="post">
<label for="msisdn">Mobile number</label>
<input id="msisdn" name="msisdn" type="tel" inputmode="tel" autocomplete="tel" required autofocus>
<button class="primary">Continue</button>
</form>
<form method="post"><button name="cancel" value="yes">Cancel</button></form>`,
})

export interface WaitingView {
  readonly operator: Operator
  readonly subscriber: Subscriber
  readonly params: Fields
  readonly level: Level
}

export const waitingPage = ({ operator, subscriber, params, level }: WaitingView): string =>
  page({
    from: operator.name,
    title: 'Answer on your phone',
    reload: { after: 2 },
    body: html`<p>We have sent a request to the phone ending in ${subscriber.digits.slice(-3)}.${level >= 3 ? ' It will ask for your PIN.' : ''}</p>
${params.context === undefined ? undefined : html`<p>${params.context}</p>`}
${params.binding_message === undefined ? undefined : html`<p>Accept it only if the phone shows the same:</p><p class="binding">${params.binding_message}</p>`}
<p class="note" role="status">This page goes on by itself. The phone is simulated, too: <a href="/handsets/" target="_blank" rel="noopener">open it</a>.</p>
<form method="post"><button name="cancel" value="yes">Cancel</button></form>`,
  })

export const errorPage = ({
  operator,
  error,
  description,
}: {
  operator: Operator
  error: string
  description?: string | undefined
}): string =>
  page({
    from: operator.name,
    title: 'That did not work',
    body: html`<p>${description ?? 'The request cannot be served.'}</p><p class="note">Code: <code>${error}</code></p>`,
  })
