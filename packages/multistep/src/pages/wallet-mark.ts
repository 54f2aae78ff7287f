/**
 * Whether a strategy says by the fragment of an address of its own that the page may ask the phone's wallet before it
 * leads on there.
 */
export const asksWallet = (url: string): boolean => url.endsWith('#digital-credential')
