import type { Subscriber } from '../configuration.js'
import type { Prompt } from './prompt.js'
import { html, type Markup } from '#internal/html'
import { page } from '../pages/page.js'
import { problemOf } from '../pages/problem.js'

export interface HandsetsView {
  readonly subscribers: readonly Subscriber[]
  readonly prompts: readonly Prompt[]
  /** Where the page is mounted, as the browser sees it. */
  readonly base: string
  readonly problem?: string | undefined
}

const promptForms = (
  base: string,
  { id, clientName, bindingMessage, context, loa }: Prompt,
): Markup => html`<div class="prompt">
<p>${clientName ?? 'An app'} wants to know that this is you.</p>
${context === null ? undefined : html`<p>${context}</p>`}
${bindingMessage === null ? undefined : html`<p class="binding">${bindingMessage}</p>`}
<form method="post" action="${base}/prompts/${id}/approve">
${
  loa < 3
    ? undefined
    : html`<label for="pin-${id}">PIN</label>
<input id="pin-${id}" name="pin" type="password" inputmode="numeric" autocomplete="off" required>`
}
<button class="primary">Accept</button>
</form>
<div class="row">
<form method="post" action="${base}/prompts/${id}/deny"><button>Deny</button></form>
<form method="post" action="${base}/prompts/${id}/ignore"><button>Ignore</button></form>
</div>
</div>`

const handsetSection = (
  { msisdn, operator, pin, digits }: Subscriber,
  prompts: readonly Prompt[],
  base: string,
): Markup => html`<section class="handset" aria-labelledby="handset-${digits}">
<h2 id="handset-${digits}">${msisdn}</h2>
<p class="note">Operator ${operator}, ${pin === undefined ? 'no PIN' : html`PIN <code>${pin}</code>`}</p>
${prompts.length === 0 ? html`<p class="quiet">Nothing to answer.</p>` : prompts.map((prompt) => promptForms(base, prompt))}
</section>`

/** Those that ring come first. */
export function handsetsPage({ subscribers, prompts, base, problem }: HandsetsView): string {
  const promptsOf = ({ msisdn }: Subscriber) => prompts.filter((prompt) => prompt.msisdn === msisdn)
  const ringing = subscribers.filter((subscriber) => promptsOf(subscriber).length > 0)
  const quiet = subscribers.filter((subscriber) => promptsOf(subscriber).length === 0)
  return page({
    from: 'Mobile Connect simulator',
    title: 'Handsets',
    // A PIN that is being typed, or a problem that is being read, is not to be swept away.
    ...prompts.some(({ loa }) => loa >= 3) || problem !== undefined ? {} : { reload: { after: 3, to: `${base}/` } },
    body: html`${problemOf(problem)}
${[...ringing, ...quiet].map((subscriber) => handsetSection(subscriber, promptsOf(subscriber), base))}
<p class="note"><a href="${base}/">Reload</a></p>`,
  })
}
