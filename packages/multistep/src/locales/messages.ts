import type { MultistepCode } from '../lib/errors.js'

/** Every sentence of the pages. `{name}` stands for a value; a locale may move it, or leave it out. */
export interface Messages {
  /** BCP 47: of the document, and of the times written in words. */
  readonly lang: string
  readonly logIn: string
  /** Above the heading of a step-up. */
  readonly confirmIdentity: string
  /** In its place, where the account is known. `{account}` */
  readonly confirmIdentityOf: string
  /** Headings: each says what the person does on this page. */
  readonly enterTextedCode: string
  /** For a code that was sent, and not by text message. */
  readonly enterSentCode: string
  /** The same by channel: `whatsapp`, `voice`. */
  readonly enterCodeBy: Readonly<Record<string, string>>
  /** Before that, where the code is not texted. */
  readonly willSendCode: string
  /** Where that code can be entered no more. */
  readonly codeIsOver: string
  /** Where what the person's phone was asked for can be answered no more. */
  readonly requestIsOver: string
  readonly giveNumber: string
  readonly checkPhone: string
  /** Below these headings. */
  readonly whyNumber: string
  /** `{to}`: the masked number. */
  readonly codeGoesTo: string
  readonly enterShownCode: string
  readonly enterSavedCode: string
  readonly waitingForPhone: string
  /** Headings by factor. A factor that is not here has `continueWith` as its heading. */
  readonly tasks: Readonly<Record<string, string>>
  /** `{step}`, `{steps}` */
  readonly stepOf: string
  /** Above the values that a step-up is asked for. */
  readonly confirming: string
  /** Heading of the last page of a step-up, whose button sends what was confirmed. */
  readonly confirmed: string
  /** Below it. */
  readonly notSentYet: string
  /** In place of the time that is left on that page. */
  readonly confirmedTooLong: string
  /** Leads back to the page that a step-up began on. */
  readonly goBack: string
  readonly continue: string
  /** `{label}` of the factor. */
  readonly continueWith: string
  readonly sendCode: string
  /** `{to}`: the masked number. */
  readonly codeSentTo: string
  readonly codeSent: string
  /** `{to}`: in place of `codeSentTo`, by channel. */
  readonly codeSentBy: Readonly<Record<string, string>>
  /** Buttons that send the code by a channel: `sms`, `whatsapp`, `voice`, `rcs`. One without words is not shown. */
  readonly sendBy: Readonly<Record<string, string>>
  /** In place of `sendAgain`, by channel. */
  readonly sendAgainBy: Readonly<Record<string, string>>
  /** What is known of the code that was sent: `late`, `failed`, `delivered`. */
  readonly deliveries: Readonly<Record<string, string>>
  /** `{count}`: the label of a field whose code has so many digits. */
  readonly codeOfDigits: string
  readonly sendAgain: string
  /** In place of `sendAgain`, when the code that was sent is no longer valid. */
  readonly sendNewCode: string
  /** `{time}` in words. */
  readonly sendAgainIn: string
  /** Announced when that time has come. */
  readonly canAskAgain: string
  readonly otherNumber: string
  /** `{time}`: in words, or `4:59` while it runs down. */
  readonly validFor: string
  readonly expired: string
  readonly oneTryLeft: string
  /** `{count}`: none, or two and more. */
  readonly triesLeft: string
  readonly noTriesLeft: string
  /** In place of `noTriesLeft`, where no other code can be sent. */
  readonly noMoreCodes: string
  /** Above the words that the person's phone shows as well. */
  readonly answerOnPhone: string
  readonly checkAgain: string
  readonly askAgain: string
  readonly tryAnotherWay: string
  /** `{time}` in words. */
  readonly retryIn: string
  /** Behind `retryIn`, where the page offers other factors. */
  readonly orAnotherWay: string
  readonly startOver: string
  /** `{account}`: what the option `pages.account` makes of the person. */
  readonly loggingInAs: string
  /** In place of `startOver`, beside `loggingInAs`. */
  readonly notYou: string
  readonly help: string
  /** `{title}`: the title of a page that says what went wrong. */
  readonly errorTitle: string
  readonly cancel: string
  readonly noFactors: string
  readonly redirecting: string
  /** Headings by factor, while a silent factor is tried. A factor that is not here has `redirecting` as its heading. */
  readonly checking: Readonly<Record<string, string>>
  /** Below them. `{host}` */
  readonly askingHost: string
  /** In its place, where the masked number is known. `{host}`, `{to}` */
  readonly askingHostAbout: string
  /** The button for a person who does not wait. */
  readonly codeByTextInstead: string
  /** The same for another factor. `{label}` */
  readonly continueInstead: string
  /** `{host}` */
  readonly redirectingTo: string
  readonly unavailable: string
  /** In place of `unavailable`, where no step is possible. */
  readonly unavailableLogin: string
  readonly unavailableReason: string
  readonly tryAgain: string
  readonly complete: string
  /** Leads away from the pages of devices and recovery codes. */
  readonly done: string
  readonly phoneHint: string
  /** In its place. `{example}`: a number of the country. */
  readonly phoneExample: string
  /** `{time}` in words. */
  readonly rememberDevice: string
  /** `{time}`: for how long. */
  readonly stayLoggedIn: string
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
  readonly recoveryCodes: string
  /** What they are for. */
  readonly recoveryCodesPurpose: string
  /** `{count}` */
  readonly recoveryCodesLeft: string
  readonly noRecoveryCodes: string
  readonly makeRecoveryCodes: string
  /** Beside the button that makes new ones, where the person has some. */
  readonly recoveryCodesReplaced: string
  readonly newRecoveryCodes: string
  readonly keepRecoveryCodes: string
  readonly copyCodes: string
  /** Announced when they are. */
  readonly codesCopied: string
  readonly downloadCodes: string
  readonly printCodes: string
  /** The link that leads on from new codes. */
  readonly codesSaved: string
  /** Headings and sentences of the page that sets up an authenticator app. */
  readonly setUpTotp: string
  readonly totpPurpose: string
  readonly totpIsSetUp: string
  readonly setUp: string
  readonly setUpAnother: string
  readonly totpReplaced: string
  readonly scanCode: string
  /** Read out by screen readers in place of the code. */
  readonly qrCode: string
  readonly enterKey: string
  readonly orEnterKey: string
  readonly openInApp: string
  readonly enterFirstCode: string
  readonly confirmCode: string
  /** Removes an authenticator app, or a passkey. */
  readonly remove: string
  readonly usePasskey: string
  /** Of the page of passkeys. */
  readonly passkeys: string
  readonly passkeysPurpose: string
  readonly noPasskeys: string
  readonly addPasskey: string
  readonly namePasskey: string
  readonly createPasskey: string
  /** `{date}` */
  readonly passkeyAdded: string
  readonly unnamedPasskey: string
  readonly passkeyFailed: string
  readonly passkeysNeedScript: string
  /** Heading of a refusal that no step can show. */
  readonly refused: string
  /** In its place, where the person lacks a factor that they can set up. */
  readonly setUpFirst: string
  /** Below it. */
  readonly setUpReason: string
  /** `{label}` of a factor that is not set up. */
  readonly setUpFactor: string
  readonly toLogin: string
  /** In place of `flow_expired`, where it was a step-up. */
  readonly confirmationExpired: string
  /** Labels by field name, and by name of the values that a step-up is asked for. A name without a label is shown. */
  readonly fields: Readonly<Record<string, string>>
  /** Labels by factor, for factors without the app's own `label`. A factor that is missing has its English label. */
  readonly labels: Readonly<Record<string, string>>
  /** Sentences by problem code. A code that is not here is shown with the problem's own message. */
  readonly problems: Readonly<Record<string, string>>
}

type TranslatedField = 'username' | 'email' | 'password' | 'code' | 'phone'
type TranslatedFactor = 'local' | 'sms-otp' | 'mobileconnect' | 'totp' | 'recovery-code' | 'webauthn'

/** The codes of the known factors, including the other packages' strategies. */
type TranslatedCode =
  | MultistepCode
  | 'code_missing' | 'code_malformed' | 'code_wrong' | 'code_expired' | 'code_used' | 'challenge_unknown'
  | 'user_unknown'
  | 'passkey_missing' | 'passkey_wrong'
  | 'channel_invalid' | 'phone_missing' | 'phone_invalid' | 'phone_rejected' | 'send_refused' | 'send_throttled'
  | 'undeliverable' | 'provider_unavailable'
  | 'disabled' | 'locked' | 'too_many_attempts'
  | 'operator_unknown' | 'login_hint_missing' | 'details_invalid' | 'authorization_pending' | 'user_refused'
  | 'user_timeout' | 'interaction_required' | 'unavailable'
  | 'acr_insufficient' | 'operator_refused' | 'person_unconfirmed' | 'details_unproven'
  | 'transaction_unknown' | 'begin_throttled' | 'operator_misconfigured' | 'operator_unavailable'
  | 'discovery_failed' | 'token_invalid' | 'issuer_not_allowed'

/** A language other than English. One that lacks a sentence, a label or a problem does not compile. */
export interface Translation extends Messages {
  readonly fields: Readonly<Record<TranslatedField, string>>
  readonly labels: Readonly<Record<TranslatedFactor, string>>
  readonly tasks: Readonly<Record<TranslatedFactor, string>>
  readonly problems: Readonly<Record<TranslatedCode, string>>
  readonly enterCodeBy: Readonly<Record<'whatsapp' | 'voice', string>>
  readonly codeSentBy: Readonly<Record<'whatsapp' | 'voice', string>>
  readonly sendBy: Readonly<Record<'sms' | 'whatsapp' | 'voice' | 'rcs', string>>
  readonly sendAgainBy: Readonly<Record<'voice', string>>
  readonly deliveries: Readonly<Record<'late' | 'failed' | 'delivered', string>>
  readonly checking: Readonly<Record<'number-verification' | 'mobileconnect', string>>
}

/** A locale with single sentences, labels or problems put differently. */
export const withMessages = (base: Messages, changes: Partial<Messages> = {}): Messages => ({
  ...base,
  ...changes,
  enterCodeBy: { ...base.enterCodeBy, ...changes.enterCodeBy },
  codeSentBy: { ...base.codeSentBy, ...changes.codeSentBy },
  sendBy: { ...base.sendBy, ...changes.sendBy },
  sendAgainBy: { ...base.sendAgainBy, ...changes.sendAgainBy },
  deliveries: { ...base.deliveries, ...changes.deliveries },
  checking: { ...base.checking, ...changes.checking },
  tasks: { ...base.tasks, ...changes.tasks },
  fields: { ...base.fields, ...changes.fields },
  labels: { ...base.labels, ...changes.labels },
  problems: { ...base.problems, ...changes.problems },
})
