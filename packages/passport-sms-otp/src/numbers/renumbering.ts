/**
 * Numbers that were right once, and what became of them by a rule that the regulator published: each subscriber kept
 * their number, in the new form. Only rules for whole ranges stand here, and they are asked only about a number that is
 * none today, so that no number is taken for another.
 */
const rules: readonly (readonly [old: RegExp, now: string])[] = [
  // Mexico, IFT: no 1 before mobile numbers since 3 August 2019.
  [/^\+521(\d{10})$/, '+52$1'],
  // Brazil, Anatel resolution 553/2010: a 9 before mobile numbers of eight digits, everywhere since 6 November 2016.
  // One that begins with 6 may be an older landline of São Paulo, which begins with 2 today: what now has the 9 belongs
  // to another person.
  [/^\+55(\d{2})([89]\d{7})$/, '+55$19$2'],
  // Benin, ARCEP: 01 before all numbers since 30 November 2024.
  [/^\+229(\d{8})$/, '+22901$1'],
  // Côte d'Ivoire, ARTCI: ten digits since 31 January 2021; the second of the eight said which operator's 01, 05 or 07
  // comes before mobile numbers.
  [/^\+225([04-9][0-3]\d{6})$/, '+22501$1'],
  [/^\+225([04-9][4-6]\d{6})$/, '+22505$1'],
  [/^\+225([04-9][7-9]\d{6})$/, '+22507$1'],
  // Vietnam, MIC: mobile numbers of eleven digits have ten since 15 September 2018.
  [/^\+8416([2-9]\d{7})$/, '+843$1'],
  [/^\+84120(\d{7})$/, '+8470$1'],
  [/^\+84121(\d{7})$/, '+8479$1'],
  [/^\+84122(\d{7})$/, '+8477$1'],
  [/^\+84123(\d{7})$/, '+8483$1'],
  [/^\+84124(\d{7})$/, '+8484$1'],
  [/^\+84125(\d{7})$/, '+8485$1'],
  [/^\+84126(\d{7})$/, '+8476$1'],
  [/^\+84127(\d{7})$/, '+8481$1'],
  [/^\+84128(\d{7})$/, '+8478$1'],
  [/^\+84129(\d{7})$/, '+8482$1'],
  [/^\+84186(\d{7})$/, '+8456$1'],
  [/^\+84188(\d{7})$/, '+8458$1'],
  [/^\+84199(\d{7})$/, '+8459$1'],
]

/** The number of today, in E.164, of one in an older plan. */
export function renumbered(e164: string): string | undefined {
  const [old, now] = rules.find(([pattern]) => pattern.test(e164)) ?? []
  return old && now !== undefined ? e164.replace(old, now) : undefined
}
