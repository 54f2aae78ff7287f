import type { Prompt } from '../handsets/prompt.js'
import { html, type Markup } from './html.js'
import { page } from './page.js'

export interface HandsetsView {
  readonly prompts: readonly Prompt[]
  /** Where the forms go to: the address of the page. */
  readonly base: string
  readonly problem?: string | undefined
}

const promptOf = (base: string, { id, msisdn, operator, clientName, bindingMessage, context, loa }: Prompt): Markup => html`<section class="handset" aria-labelledby="prompt-${id}">
<h2 id="prompt-${id}">${msisdn}</h2>
<p>${clientName ?? 'A service'} asks, through operator ${operator}: is this you?</p>
${context === null ? undefined : html`<p>${context}</p>`}
${bindingMessage === null ? undefined : html`<p class="binding">${bindingMessage}</p>`}
<form method="post" action="${base}/prompts/${id}/approve">
${loa < 3 ? undefined : html`<label for="pin-${id}">PIN</label>
<input id="pin-${id}" name="pin" type="password" inputmode="numeric" autocomplete="off" required>`}
<button class="primary">Accept</button>
</form>
<form method="post" action="${base}/prompts/${id}/deny"><button>Deny</button></form>
<form method="post" action="${base}/prompts/${id}/ignore"><button>Never answer</button></form>
</section>`

export const handsetsPage = ({ prompts, base, problem }: HandsetsView): string => page({
  from: 'Mobile Connect simulator',
  title: 'Handsets',
  // A PIN that is being typed is not to be swept away.
  ...prompts.some(({ loa }) => loa >= 3) ? {} : { reload: 3 },
  body: html`${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
${prompts.length === 0 ? html`<p>No handset has anything to answer. Requests appear here.</p>` : prompts.map((prompt) => promptOf(base, prompt))}`,
})
