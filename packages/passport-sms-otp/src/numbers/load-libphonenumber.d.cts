import type * as Libphonenumber from 'libphonenumber-js/max'

/** The library of phone numbers, which is loaded by the first call. */
export declare function loadLibphonenumber(): typeof Libphonenumber
