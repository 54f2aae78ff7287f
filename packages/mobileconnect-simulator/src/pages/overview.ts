import type { Credentials } from '../configuration.js'
import { html, type Markup } from '#internal/html'
import { page } from './page.js'

export interface OverviewView {
  readonly operators: readonly (Credentials & {
    readonly name: string
    readonly issuer: string
    readonly mcc: string
    readonly mnc: string
  })[]
  readonly discovery: Credentials & { readonly url: string }
  readonly camara: { readonly issuer: string, readonly apiRoot: string, readonly clientId: string }
}

const entries = (pairs: Readonly<Record<string, string>>): Markup => html`<dl>
${Object.entries(pairs).map(([term, value]) => html`<div><dt>${term}</dt><dd><code>${value}</code></dd></div>`)}
</dl>`

export const overviewPage = ({ operators, discovery, camara }: OverviewView): string => page({
  from: 'Mobile Connect simulator',
  title: 'What runs here',
  body: html`<p><a href="/handsets/">Handsets</a>, where the subscribers answer.</p>
${operators.map(({ name, issuer, mcc, mnc, clientId, clientSecret }) => html`<h2>${name}</h2>
${entries({ Issuer: issuer, Network: `${mcc}-${mnc}`, 'Client id': clientId, 'Client secret': clientSecret })}`)}
<h2>Discovery</h2>
${entries({ Address: discovery.url, 'Client id': discovery.clientId, 'Client secret': discovery.clientSecret })}
<h2>CAMARA</h2>
${entries({ Issuer: camara.issuer, 'API root': camara.apiRoot, 'Client id': camara.clientId })}`,
})
