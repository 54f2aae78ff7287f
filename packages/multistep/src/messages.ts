/** Every sentence of the pages. `{name}` stands for a value; a locale may move it, or leave it out. */
export interface Messages {
  /** BCP 47: of the document, and of the times written in words. */
  readonly lang: string
  readonly logIn: string
  readonly oneMoreStep: string
  readonly confirmIdentity: string
  /** `{step}`, `{steps}` */
  readonly stepOf: string
  /** Above the values that a step-up is asked for. */
  readonly confirming: string
  readonly continue: string
  /** `{label}` of the factor. */
  readonly continueWith: string
  readonly sendCode: string
  /** `{to}`: the masked number. */
  readonly codeSentTo: string
  readonly codeSent: string
  readonly sendAgain: string
  /** `{time}` in words. */
  readonly sendAgainIn: string
  /** `{time}` in words. */
  readonly expiresIn: string
  readonly expired: string
  /** `{count}` */
  readonly attemptsLeft: string
  /** Above the words that the person's phone shows as well. */
  readonly answerOnPhone: string
  readonly checkAgain: string
  readonly askAgain: string
  readonly tryAnotherWay: string
  /** `{time}` in words. */
  readonly retryIn: string
  readonly startOver: string
  readonly cancel: string
  readonly noFactors: string
  readonly redirecting: string
  /** `{host}` */
  readonly redirectingTo: string
  readonly unavailable: string
  readonly unavailableReason: string
  readonly tryAgain: string
  readonly complete: string
  readonly phoneHint: string
  /** `{time}` in words. */
  readonly rememberDevice: string
  readonly devices: string
  readonly noDevices: string
  readonly thisDevice: string
  /** Of a device that does not say what it is. */
  readonly unknownDevice: string
  /** `{date}` */
  readonly deviceLastUsed: string
  /** `{date}` */
  readonly deviceUntil: string
  readonly forgetDevice: string
  /** Labels by field name. A field that is not here is labelled with its name. */
  readonly fields: Readonly<Record<string, string>>
  /** Sentences by problem code. A code that is not here is told with the problem's own message. */
  readonly problems: Readonly<Record<string, string>>
}

export const english: Messages = {
  lang: 'en',
  logIn: 'Log in',
  oneMoreStep: 'One more step',
  confirmIdentity: 'Confirm that it is you',
  stepOf: 'Step {step} of {steps}',
  confirming: 'You are confirming:',
  continue: 'Continue',
  continueWith: 'Continue with {label}',
  sendCode: 'Send code',
  codeSentTo: 'We sent a code to {to}.',
  codeSent: 'We sent you a code.',
  sendAgain: 'Send again',
  sendAgainIn: 'You can ask for it again in {time}.',
  expiresIn: 'It expires in {time}.',
  expired: 'It has expired.',
  attemptsLeft: 'Attempts left: {count}.',
  answerOnPhone: 'Answer the request on your phone, if it shows these words:',
  checkAgain: 'Check again',
  askAgain: 'Ask again',
  tryAnotherWay: 'Try another way',
  retryIn: 'Try again in {time}.',
  startOver: 'Start over',
  cancel: 'Cancel',
  noFactors: 'Your account has nothing set up that this step accepts.',
  redirecting: 'One moment',
  redirectingTo: 'We are taking you to {host}.',
  unavailable: 'Not possible right now',
  unavailableReason: 'This step can not be done at the moment. Please try again in a little while.',
  tryAgain: 'Try again',
  complete: 'You are logged in',
  phoneHint: 'Begin with + and the country code.',
  rememberDevice: 'Remember this device for {time}',
  devices: 'Remembered devices',
  noDevices: 'No device is remembered.',
  thisDevice: 'This device',
  unknownDevice: 'A device',
  deviceLastUsed: 'Last used on {date}.',
  deviceUntil: 'Remembered until {date}.',
  forgetDevice: 'Forget',
  fields: { username: 'User name', password: 'Password', code: 'Code', phone: 'Mobile number' },
  // The page adds when to try again, and how many guesses are left.
  problems: {
    factor_locked: 'Too many attempts in a row.',
    locked: 'Too many wrong codes.',
    send_throttled: 'Texts can not be sent that often.',
    too_many_attempts: 'That was the last guess for this code.',
  },
}

/** A locale with single sentences, labels or problems put differently. */
export const withMessages = (base: Messages, changes: Partial<Messages> = {}): Messages => ({
  ...base,
  ...changes,
  fields: { ...base.fields, ...changes.fields },
  problems: { ...base.problems, ...changes.problems },
})
