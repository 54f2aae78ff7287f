import { html, type Markup } from '#internal/html'

export const problemOf = (problem: string | undefined): Markup | undefined =>
  problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`
