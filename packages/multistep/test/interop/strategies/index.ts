import { federated } from './federated.js'
import { knownPeople } from './known-people.js'
import { passwords } from './passwords.js'
import { socialLogins } from './social.js'
import { tokens } from './tokens.js'
import type { Tried } from './tried.js'

/** Every strategy of the compatibility suite. */
export const tried: readonly Tried[] = [...passwords, ...socialLogins, ...federated, ...tokens, ...knownPeople]
