import { milliseconds } from '#internal/duration'
import type { FactorState } from '../../state/state.js'
import { lookUp, secondsUntil, sentence, timeInWords } from '../format.js'
import { html, type Markup, type Piece } from '#internal/html'
import type { PageModel } from '../page-model.js'

/** The public part of a strategy's challenge. */
export type Challenge = NonNullable<FactorState['challenge']>

/** Nothing answers this challenge any more. Its time is up, or its tries are used. */
export const isOver = ({ expiresAt, attemptsLeft }: Challenge, now: number): boolean =>
  secondsUntil(expiresAt, now) === 0 || attemptsLeft === 0

/** A form that posts the CSRF token, and the id of the requirement that the page is for. */
export const form = ({ state }: PageModel, action: string, content: Piece, attributes?: Markup): Markup =>
  html`<form method="post" action="${action}"${attributes}>
<input type="hidden" name="_csrf" value="${state.csrfToken}">
${state.requirement && html`<input type="hidden" name="for" value="${state.requirement.id}">`}
${content}
</form>`

/** `channel`: how what it asks for is to travel. */
export const primary = (text: Piece, channel?: string): Markup =>
  html`<button type="submit" class="primary"${named(channel)}>${text}</button>`

const named = (channel: string | undefined): Markup | undefined =>
  channel === undefined ? undefined : html` name="channel" value="${channel}"`

/** Buttons that send the code by other channels. One without words in the locale is not shown. */
export const channelButtons = ({ messages }: PageModel, channels: readonly string[]): Markup =>
  html`${channels.map((channel) => {
    const words = lookUp(messages.sendBy, channel)
    return words === undefined ? undefined : html`<button type="submit" class="plain"${named(channel)}>${words}</button>\n`
  })}`

/** The script disables the form's button until this instant. Without the script, the server refuses an early POST. */
export const waitAttributes = (instant: string | undefined, announced: string): Markup | undefined =>
  instant === undefined ? undefined : html` data-wait="${instant}" data-announce="${announced}"`

/** The address of the login page with this factor open. `another`: to give another number. */
export function factorPage(model: PageModel, factor: string | undefined, another = false): string {
  const { loginPath, state: { requirement } } = model
  const query = new URLSearchParams({
    ...requirement && { for: requirement.id },
    ...factor !== undefined && { factor },
    ...another && { another: '1' },
  }).toString()
  return query === '' ? loginPath : `${loginPath}?${query}`
}

const boxOf = ({ messages }: PageModel, name: string, text: string, time: string): Markup =>
  html`<label class="check"><input type="checkbox" name="${name}" value="on"> <span>${
    sentence(text, { time: timeInWords(messages.lang, milliseconds(name, time) / 1000) })}</span></label>`

/** The boxes that the user may tick: to stay logged in, and to trust this browser. */
export const wishesOf = (model: PageModel, { remember, stay }: FactorState): Markup => html`${
  stay && boxOf(model, 'stay', model.messages.stayLoggedIn, stay.for)}
${remember && boxOf(model, 'remember', model.messages.rememberDevice, remember.for)}`

interface Again {
  readonly text: string
  readonly isPrimary?: boolean
  /** The channels that the person may choose from. */
  readonly channels?: readonly string[] | undefined
}

/** The form that sends another code. The script disables its buttons until the server allows it. */
export function againForm(
  model: PageModel,
  action: string,
  challenge: Challenge,
  { text, isPrimary = false, channels = [] }: Again,
): Markup {
  const { messages, now } = model
  const wait = secondsUntil(challenge.resendAt, now) ?? 0
  const note = wait === 0 ? undefined : html`<p class="note" id="again-note">${
    sentence(messages.sendAgainIn, { time: html`<span>${timeInWords(messages.lang, wait)}</span>` })}</p>`
  const current = channels.find((channel) => channel === challenge.channel)
  const others = channels.filter((channel) => channel !== current)
  return form(model, action, html`<button type="submit" class="${isPrimary ? 'primary' : 'plain'}"${named(current)}${
    note && html` aria-describedby="again-note"`}>${text}</button>
${channelButtons(model, others)}${note}`, wait > 0 ? waitAttributes(String(challenge.resendAt), messages.canAskAgain) : undefined)
}

/** What is shown of the time that a challenge lives: in words, until the script lets it run down. */
export function lifeOf({ messages, now }: PageModel, { expiresAt }: Challenge): Markup | undefined {
  const seconds = secondsUntil(expiresAt, now)
  return seconds === undefined ? undefined : html`<span data-left>${
    sentence(messages.validFor, { time: html`<span>${timeInWords(messages.lang, seconds)}</span>` })}</span>`
}

/** The script keeps the form's button active until the challenge expires. */
export const lifeSpan = ({ messages, now }: PageModel, { expiresAt }: Challenge): Markup | undefined =>
  typeof expiresAt === 'string' && secondsUntil(expiresAt, now) !== undefined
    ? html` data-life="${expiresAt}" data-over="${messages.expired}"`
    : undefined
