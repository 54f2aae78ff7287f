import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const root = join(__dirname, '..')
const page = readFileSync(join(root, 'docs/from-wso2.md'), 'utf8')

interface Row { readonly theirs: string, readonly ours: string, readonly shown: string | undefined }

const cellsOf = (line: string) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
const rows: Row[] = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('|---'))
  .map(cellsOf).filter(([theirs]) => !['WSO2', 'in WSO2', 'theme'].includes(theirs!))
  .map(([theirs, ours, shown]) => ({ theirs: theirs!, ours: ours!, shown }))

const coded = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)

/** Every name that a user of the packages may write or read: of functions, classes, options, fields, and texts such as codes and events. */
function namesInSources(): Set<string> {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) names.add(node.text)
    ts.forEachChild(node, visit)
  }
  for (const name of readdirSync(join(root, 'packages'))) {
    const src = join(root, 'packages', name, 'src')
    for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) visit(ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest, false))
    }
  }
  return names
}

/** What stands in code and is no name of ours: of JavaScript, of HTTP, of Express and Passport. */
const others = new Set(['new', 'passport', 'use', 'false', 'true', 'req', 'user', 'next', 'err', 'login', 'Retry', 'After', 'passport-sms-otp', '$ctx', 'http_400'])

/** The names in a piece of code. Durations and factor names in quotes are values. */
const namesIn = (code: string) => code.replace(/'(\d+[smhd]|sms-otp|local)'/g, '').match(/'[\w-]+'|\$?[A-Za-z_][\w-]*/g) ?? []

const ids = (letter: string, last: number) => Array.from({ length: last }, (_, index) => `${letter}${index + 1}`)

describe('docs/from-wso2.md', () => {
  it('docs/from-wso2.md has a row for each parameter', () => {
    const parameters = [
      'enable', 'SMSOTPAuthenticationEndpointURL', 'SMSOTPAuthenticationEndpointErrorPage', 'MobileNumberRegPage', 'RetryEnable', 'ResendEnable',
      'MaximumResendAttempts', 'EnableUserBasedResendBlocking', 'ResendBlockDuration', 'BackupCode', 'SMSOTPEnableByUserClaim', 'SMSOTPMandatory', 'usecase',
      'userAttribute', 'SMSOTP-userAttribute', 'secondaryUserstore', 'CaptureAndUpdateMobileNumber', 'SendOTPDirectlyToMobile', 'SendOtpToFederatedMobile',
      'federatedMobileAttributeKey', 'EnableAlphanumericToken', 'TokenLength', 'TokenExpiryTime', 'screenUserAttribute', 'noOfDigits', 'order',
      'screenUserAttributeMaskRegex', 'EnableAccountLockingForFailedAttempts', 'showAuthFailureReason', 'UseInternalErrorCodes',
      'enable_payload_encoding_for_sms_otp', 'redirectToMultiOptionPageOnFailure', 'notificationTemplate',
      'sms_url', 'http_method', 'headers', 'payload', 'http_response', 'show_detailed_error_info', 'values_to_be_masked', 'mobile_number_regex',
      'mobile_number_pattern_failure_error_message', 'SmsOtpLength', 'SmsOtpExpiryTime', 'OnlyNumericCharactersForSmsOtp', '$ctx.num', '$ctx.msg', '$ctx.otp',
      'account.lock.handler.enable', 'account.lock.handler.On.Failure.Max.Attempts', 'account.lock.handler.Time', 'account.lock.handler.login.fail.timeout.ratio',
      'enabled', 'tokenLength', 'alphanumericToken', 'tokenValidityPeriod', 'tokenRenewalInterval', 'resendThrottleInterval', 'maxValidationAttemptsAllowed',
      'triggerNotification', 'showValidationFailureReason', 'lockAccountOnFailedAttempts',
      'SmsOTP.ExpiryTime', 'SmsOTP.OTPLength', 'SmsOTP.OtpRegex.UseNumericChars', 'SmsOTP.ResendAttemptsCount', 'SmsOTP.ResendBlockDuration',
      'enableRetryFromAuthenticator', 'sendMaskedMobileInAppNativeMFA', 'maximumAllowedFailureAttempts', 'maximumAllowedResendAttempts',
      'terminateOnResendLimitExceeded', 'EnableOTPNumberSplit', 'OTPSeparator',
    ]
    const named = new Set(rows.flatMap(({ theirs }) => coded(theirs)))
    expect(parameters.filter((name) => !named.has(name))).toEqual([])
  })

  it('docs/from-wso2.md has one row for each state and for each scenario', () => {
    const expected = [...ids('', 25), ...ids('C', 32), ...ids('L', 33), ...ids('I', 4), ...ids('E', 11), 'B1', 'V1']
    const found = rows.map(({ theirs }) => /^(?:[CLIEBV]?\d+)(?= )/.exec(theirs)?.[0])
    expect(expected.filter((id) => found.filter((other) => other === id).length !== 1)).toEqual([])
  })

  it('docs/from-wso2.md names tests that exist', () => {
    const paths = rows.flatMap(({ shown = '' }) => coded(shown))
    expect(paths.length).toBeGreaterThan(150)
    const full = (path: string) => join(root, path.startsWith('packages/') ? path : `packages/passport-sms-otp/test/${path}`)
    expect([...new Set(paths)].filter((path) => !existsSync(full(path)))).toEqual([])
  })

  it('docs/from-wso2.md shows each row by a test, unless it is not built or is the app\'s', () => {
    const unshown = rows.filter(({ shown }) => shown !== undefined && coded(shown).length === 0)
    expect(unshown.filter(({ ours, shown }) => shown !== '–' || !/\*not built\*|yours|tenants/.test(ours))).toEqual([])
  })

  it('docs/from-wso2.md names options, methods and codes that exist', () => {
    const known = namesInSources()
    const unknown = rows.flatMap(({ ours }) => coded(ours)).flatMap(namesIn).map((name) => name.replaceAll('\'', ''))
      .filter((name) => !known.has(name) && !others.has(name))
    expect(unknown).toEqual([])
  })
})
