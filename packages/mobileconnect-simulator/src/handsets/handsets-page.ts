import type { Subscriber } from '../configuration.js'
import type { Handset } from './handset.js'
import type { Prompt } from './prompt.js'
import { html, type Markup } from '#internal/html'
import { page } from '../pages/page.js'
import { problemOf } from '../pages/problem.js'

interface Shown {
  readonly subscriber: Subscriber
  readonly handset: Handset
}

export interface HandsetsView {
  readonly handsets: readonly Shown[]
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

const MOST_TEXTS_SHOWN = 3

/** The network, the SIM and the texts. */
function lineForms(base: string, { subscriber, handset }: Shown): Markup {
  const { network, simSince } = handset.line()
  const [name, other, otherName] = network === 'wifi'
    ? ['Wi-Fi', 'mobile', 'Use mobile data']
    : ['mobile data', 'wifi', 'Use Wi-Fi']
  const path = `${base}/lines/${subscriber.digits}`
  const texts = handset.texts().slice(-MOST_TEXTS_SHOWN)
  return html`<p class="note">On ${name}. ${simSince === null ? 'Never on the network' : `This SIM since ${simSince.slice(0, 10)}`}.</p>
${texts.map(({ text }) => html`<p class="text">${text}</p>`)}
<div class="row">
<form method="post" action="${path}/network"><button name="network" value="${other}">${otherName}</button></form>
<form method="post" action="${path}/swap-sim"><button>Swap the SIM</button></form>
<form method="post" action="${path}/deliver-texts"><input type="hidden" name="how" value="lost"><button name="times" value="1">Lose a text</button></form>
</div>`
}

const handsetSection = (shown: Shown, base: string): Markup => {
  const { subscriber: { msisdn, operator, pin, digits }, handset } = shown
  const prompts = handset.pending()
  return html`<section class="handset" aria-labelledby="handset-${digits}">
<h2 id="handset-${digits}">${msisdn}</h2>
<p class="note">Operator ${operator}, ${pin === undefined ? 'no PIN' : html`PIN <code>${pin}</code>`}</p>
${prompts.length === 0 ? html`<p class="quiet">Nothing to answer.</p>` : prompts.map((prompt) => promptForms(base, prompt))}
${lineForms(base, shown)}
</section>`
}

/** Those that ring come first. */
export function handsetsPage({ handsets, base, problem }: HandsetsView): string {
  const isRinging = ({ handset }: Shown) => handset.pending().length > 0
  const [ringing, quiet] = [handsets.filter(isRinging), handsets.filter((shown) => !isRinging(shown))]
  const needsPin = ringing.some(({ handset }) => handset.pending().some(({ loa }) => loa >= 3))
  return page({
    from: 'Mobile Connect simulator',
    title: 'Handsets',
    // A PIN that is being typed, or a problem that is being read, is not to be swept away.
    ...needsPin || problem !== undefined ? {} : { reload: { after: 3, to: `${base}/` } },
    body: html`${problemOf(problem)}
${[...ringing, ...quiet].map((shown) => handsetSection(shown, base))}
<p class="note"><a href="${base}/">Reload</a></p>`,
  })
}
