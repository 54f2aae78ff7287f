import { callback, checkOptions, type Shape } from '../lib/option-checks.js'
import type { Request } from '../http/request.js'
import type { ResumeForm } from '../stores/step-up-store.js'
import { MultistepError } from '../lib/errors.js'

/** How a step-up ends with one button that sends the confirmed request. */
export interface Resume {
  /**
   * The sentence on the button: `'Pay {amount} to {payee}'`, or one for each language, by its tag. A name in braces is
   * a value of `bind`.
   */
  text: string | Readonly<Record<string, string>>
  /**
   * More fields of the post than the values of `bind`, such as the token of a CSRF middleware:
   * `(req) => ({ _csrf: req.csrfToken() })`. Asked once, of the request that is refused. They are not confirmed. At the
   * end of the step-up the session gets another id and keeps what it holds, so that a token made from a secret in the
   * session is still right, and one made from the session's id is not.
   * @default none
   */
  fields?: (req: Request) => Readonly<Record<string, string>>
}

/** The field that says a post comes from the page that confirms it. No name of a bound value begins with `_`. */
export const grantField = '_grant'

const isSentence = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''

const shapes: Readonly<Record<keyof Resume, Shape>> = {
  text: {
    words: 'a text such as \'Pay {amount} to {payee}\', or an object of texts by language',
    fits: (value) => isSentence(value) || (typeof value === 'object' && value !== null && Object.keys(value).length > 0
      && Object.values(value).every(isSentence)),
  },
  fields: callback('(req) => ({ _csrf: req.csrfToken() })'),
}

/** @throws TypeError for what cannot be a `resume`. */
export function checkResume(resume: Resume): void {
  checkOptions('require.resume.', resume, shapes)
  if ((resume as Partial<Resume>).text === undefined) {
    throw new TypeError('multistep: require.resume.text is missing. Write resume: { text: \'Pay {amount} to {payee}\' }.')
  }
}

/**
 * The form of the last page.
 * @throws MultistepError `misconfigured` for a sentence that names no bound value, and for fields that are no texts.
 */
export function resumeForm(
  { text, fields }: Resume, req: Request, action: string, values: Readonly<Record<string, string>>,
): ResumeForm {
  const sentences = typeof text === 'string' ? [text] : Object.values(text)
  const names = sentences.flatMap((one) => [...one.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name))
  const stranger = names.find((name) => !Object.hasOwn(values, name))
  if (stranger !== undefined) {
    throw new MultistepError('misconfigured', `multistep: require: resume.text names {${stranger}}, and bind gave no `
      + 'such value.')
  }
  const more: unknown = fields?.(req) ?? {}
  if (typeof more !== 'object' || more === null || !Object.values(more).every((one) => typeof one === 'string')) {
    throw new MultistepError('misconfigured', 'multistep: require: resume.fields must return an object of texts.')
  }
  return { action, text, fields: { ...more as Record<string, string>, ...values } }
}

/** The request that this form will be. Everything but its body is the request that was refused. */
export const resumedRequest = (req: Request, { fields }: ResumeForm): Request =>
  Object.create(req, { body: { value: { ...fields }, writable: true, enumerable: true } }) as Request
