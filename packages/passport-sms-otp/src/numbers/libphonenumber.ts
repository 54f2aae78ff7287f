import type * as Libphonenumber from 'libphonenumber-js/max'
import { loadLibphonenumber } from './load-libphonenumber.cjs'

let loaded: typeof Libphonenumber | undefined

/** The library with the metadata of all numbers. The first call loads it: when a service is made. */
export const libphonenumber = (): typeof Libphonenumber => loaded ??= loadLibphonenumber()
