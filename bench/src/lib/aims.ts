/**
 * What a figure should be at the least, or at the most. A missed aim is marked and ends nothing: a bench is no test.
 */
export type Aim = { readonly atLeast: number } | { readonly atMost: number }

export const isMet = (aim: Aim, figure: number): boolean =>
  ('atLeast' in aim ? figure >= aim.atLeast : figure <= aim.atMost)

/** An aim as it stands beside its figure. */
export const told = (aim: Aim): string => ('atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`)

const loginByHand = { atLeast: 0.8 }
const loginByFloor = { atLeast: 0.9 }

export const aims = {
  login: { handWritten: loginByHand, floor: loginByFloor },
  betterAuth: { alone: { atLeast: 10 }, cached: { atLeast: 8 } },
  guard: { memory: { atLeast: 0.97 }, redis: { atLeast: 0.9 } },
  verify: { cpu: { atLeast: 0.9 }, wall: { atLeast: 0.6 }, redisMicroseconds: { atMost: 8 } },
  loginCommands: { atMost: 12 },
  loginKilobytes: { atMost: 200 },
  importMilliseconds: { multistep: { atMost: 40 }, 'passport-sms-otp': { atMost: 70 }, other: { atMost: 30 } },
  firstAnswerMilliseconds: { atMost: 250 },
  bytes: {
    challenge: { memory: { atMost: 450 }, redis: { atMost: 350 } },
    flow: { memory: { atMost: 700 }, redis: { atMost: 600 } },
  },
  worstCallMilliseconds: { atMost: 10 },
} as const
