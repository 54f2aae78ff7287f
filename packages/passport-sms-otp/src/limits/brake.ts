import type { Conversion } from '../stores/challenge-store.js'
import { milliseconds } from '#internal/duration'
import { checkOptionNames } from '#internal/option-checks'

/**
 * When too few of the codes texted to one prefix or country come back: numbers that are called for the money (SMS
 * pumping) never enter one.
 */
export interface ConversionOptions {
  /**
   * The share of codes that come back, above 0 and at most 1.
   * @default 0.2
   */
  readonly below?: number | undefined
  /**
   * How many texts are judged at a time, at least 5.
   * @default 20
   */
  readonly over?: number | undefined
  /**
   * How long the prefix or the country gets no texts.
   * @default '1h'
   */
  readonly pauseFor?: string | undefined
}

export type Brake = Readonly<Record<'prefix' | 'country', Conversion>>

export const isBraked = (scope: string): scope is keyof Brake => scope === 'prefix' || scope === 'country'

// Twenty texts to ten thousand numbers within two minutes are no coincidence; to a country they are everyday life, and
// people are still typing.
const PATIENCE: Readonly<Record<keyof Brake, string>> = { prefix: '0s', country: '2m' }

/** @throws TypeError that says what to write instead. */
export function readConversion(given: ConversionOptions | false = {}): Brake | undefined {
  if (given === false) return undefined
  checkOptionNames('conversion', given, ['below', 'over', 'pauseFor'])
  const { below = 0.2, over = 20, pauseFor = '1h' } = given
  if (typeof below !== 'number' || !(below > 0 && below <= 1)) throw new TypeError(`conversion.below is a share such as 0.2, above 0 and at most 1, not ${JSON.stringify(below)}.`)
  if (!Number.isInteger(over) || over < 5) throw new TypeError(`conversion.over is a whole number of texts, at least 5, not ${JSON.stringify(over)}.`)
  const pause = milliseconds('conversion.pauseFor', pauseFor)
  if (pause < 1) throw new TypeError('conversion.pauseFor must be longer than nothing: conversion: false switches the brake off.')
  const policy = (scope: keyof Brake): Conversion => ({ below, over, pauseFor: pause, patience: milliseconds('patience', PATIENCE[scope]) })
  return { prefix: policy('prefix'), country: policy('country') }
}
