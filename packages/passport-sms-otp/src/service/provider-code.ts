// Nothing longer than a code: a sentence of the provider may hold the number.
const CODE = /^[\w.-]{1,40}$/

const MESSAGE_ID = /^[\w.:=+/@-]{1,100}$/

/** How a provider names a message, if it is a name and no sentence. */
export const isMessageId = (value: unknown): value is string => typeof value === 'string' && MESSAGE_ID.test(value)

/** The provider's own code in an error or a report, where it has a short one. */
export function codeOf(error: unknown): string | undefined {
  const { providerCode } = Object(error) as { providerCode?: unknown }
  return typeof providerCode === 'string' && CODE.test(providerCode) ? providerCode : undefined
}
