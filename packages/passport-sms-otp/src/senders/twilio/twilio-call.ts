import { languageFor } from '../../texts/locales/index.js'
import { isSpelt } from '../../texts/spoken.js'
import { asXml } from '../templates.js'
import type { SmsMessage } from '../sender.js'

/** For each language, the one in which its sentences are said. */
const voices: Readonly<Record<ReturnType<typeof languageFor>, string>> = { en: 'en-GB', de: 'de-DE', fr: 'fr-FR', es: 'es-ES' }

const PAUSE = '<Pause length="1"/>'

/**
 * What a call says, as TwiML: the lines of the message one after the other, and the characters of the code with a
 * second between them. What stands in the message is data, and is never read as an element.
 * @see https://www.twilio.com/docs/voice/twiml/say
 */
export function twimlOf({ body, locale }: Pick<SmsMessage, 'body' | 'locale'>): string {
  const language = voices[languageFor(locale)]
  const parts = body.split('\n').filter((line) => line !== '').flatMap((line) => (isSpelt(line) ? line.split(', ') : [line]))
  const said = parts.map((part) => `<Say language="${language}">${asXml(part)}</Say>`).join(PAUSE)
  return `<Response>${PAUSE}${said}</Response>`
}
