import { lookUp } from '../format.js'
import { html, type Markup } from '#internal/html'
import type { PageModel } from '../page-model.js'

/** The bound values with their labels. `titledBy`: the id of the words above them. */
export const detailsList = (
  { messages }: PageModel, details: Readonly<Record<string, string>>, titledBy: string,
): Markup => html`<dl aria-labelledby="${titledBy}">${Object.entries(details).map(([name, value]) =>
  html`<div><dt>${lookUp(messages.fields, name) ?? name}</dt><dd dir="auto">${value}</dd></div>`)}</dl>`
