import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Simulator } from 'mobileconnect-simulator'
import { ada, bob, call, post, purpose, signed, startCamara, type Answer, type Sent } from '../support/camara-client.js'
import { features, scenariosOf, type Scenario } from '../support/features.js'
import { faultsOfAnswer, faultsOfRequest, type PublishedOperation } from '../support/published-api.js'

const HOUR = 3_600_000
const correlator = 'b4333c46-49c0-4f62-80d7-f0ef930f1c46'
/** Of a number of no operator here; of one that was never on the network; of a machine's line. */
const [stranger, unconnected, machine] = ['+447700900999', '+447700900010', '+447700900011']
const activated = new Date('2021-06-01T12:00:00Z')
const fresh = '+447700900012'

let ahead = 0
const now = () => Date.now() + ahead

let sim: Simulator
/** An operator that may look back thirty days. */
let restricted: Simulator
beforeAll(async () => {
  const subscribers = [
    { msisdn: ada, operator: 'a' }, { msisdn: bob, operator: 'a' }, { msisdn: fresh, operator: 'a', activated },
    { msisdn: unconnected, operator: 'a', activated: null }, { msisdn: machine, operator: 'a', networkApis: false },
  ]
  sim = await startCamara({ now, subscribers })
  restricted = await startCamara({ now, subscribers, camara: { monitoredPeriod: '30d' } })
})
afterAll(() => Promise.all([sim.close(), restricted.close()]))
afterEach(() => { ahead = 0 })

interface Operation extends PublishedOperation {
  readonly scope: string
  readonly body?: object
  /** A token that the operation takes, with its body. */
  readonly token: (scope?: string, at?: Simulator) => Promise<string>
}

/** The claims of what the client signs are of the simulator's time. */
const times = () => ({ iat: Math.floor(now() / 1000), exp: Math.floor(now() / 1000) + 60 })

async function tokenOf(answer: Promise<Answer>): Promise<string> {
  const { status, body } = await answer
  expect([status, body]).toEqual([200, expect.objectContaining({ access_token: expect.any(String) })])
  return body.access_token
}

/** Speaks of nobody. */
const twoLegged = async (scope: string, at = sim) =>
  tokenOf(post(at, '/token', { grant_type: 'client_credentials', scope: `${purpose} ${scope}`, client_assertion: await signed(at, times()) }))

const assertion = async (scope: string, sub: string, at = sim) => tokenOf(post(at, '/token', {
  grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: await signed(at, { sub, scope: `${purpose} ${scope}`, ...times() }),
  client_assertion: undefined, client_assertion_type: undefined,
}))

/** Speaks of Ada, whose SIM vouches for it. */
const threeLegged = async (scope: string, at = sim) => assertion(scope, `operatortoken:${at.handset(ada).operatorToken()}`, at)
/** Speaks of Ada because the client says so. */
const named = async (scope: string) => assertion(scope, `tel:${ada}`)

const operationOf = (published: PublishedOperation, scope: string, body: object | undefined, token: typeof twoLegged): Operation =>
  ({ ...published, scope, token: (asked = scope, at = sim) => token(asked, at), ...body && { body } })

const nv = { document: 'number-verification', method: 'POST' } as const
const otp = { document: 'one-time-password-sms', method: 'POST' } as const
const verify = operationOf({ ...nv, operationId: 'phoneNumberVerify', path: '/number-verification/v2/verify' }, 'number-verification:verify', { phoneNumber: ada }, threeLegged)
const share = operationOf({ ...nv, operationId: 'phoneNumberShare', path: '/number-verification/v2/device-phone-number', method: 'GET' }, 'number-verification:device-phone-number:read', undefined, threeLegged)
const swap = (api: 'sim-swap' | 'device-swap', operationId: string, path: string) =>
  operationOf({ document: api, method: 'POST', operationId, path: `/${api}/${api === 'sim-swap' ? 'v2' : 'v1'}/${path}` }, `${api}:${path}`, { phoneNumber: ada }, twoLegged)
const message = '{{code}} is your short code to authenticate with Cool App via SMS'
const sendCode = operationOf({ ...otp, operationId: 'sendCode', path: '/one-time-password-sms/v1/send-code' }, 'one-time-password-sms:send-validate', { phoneNumber: ada, message }, twoLegged)
const validateCode = operationOf({ ...otp, operationId: 'validateCode', path: '/one-time-password-sms/v1/validate-code' }, 'one-time-password-sms:send-validate', undefined, twoLegged)

/** Sends a request, and asks the published document about the answer. A request that succeeds must be as published, too. */
async function send(operation: Operation, sent: Sent & { at?: Simulator } = {}): Promise<Answer> {
  const { at = sim } = sent
  const token = 'token' in sent ? sent.token : await operation.token(operation.scope, at)
  const body = 'body' in sent ? sent.body : operation.body
  const headers = { 'x-correlator': correlator, ...sent.headers }
  // What stands for "not included" is posted as an empty request.
  const answer = body === undefined && operation.method === 'POST'
    ? await empty(at, operation, { token, headers })
    : await call(at, operation.path, { token, headers, ...body === undefined ? {} : { body } })
  expect(await faultsOfAnswer(operation, answer)).toEqual([])
  if (answer.status < 300) expect(await faultsOfRequest(operation, { headers, body })).toEqual([])
  return answer
}

async function empty(at: Simulator, { path }: Operation, { token, headers }: Sent): Promise<Answer> {
  const response = await fetch(`${at.camara.apiRoot}${path}`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

const hash = (number: string) => createHash('sha256').update(number).digest('hex')
const expired = async (operation: Operation): Promise<Answer> => {
  const token = await operation.token()
  ahead = 300_000
  return send(operation, { token })
}
const unauthenticated = (operation: Operation) => [
  () => send(operation, { token: undefined }),
  () => expired(operation),
  () => send(operation, { token: 'no-token-of-this-server' }),
] as const

/** What a scenario's Given and When do. `example`: a row of its examples. */
type Given = (example: string) => Promise<Answer>
type Givens = Readonly<Record<string, Given>>

const [verify401, share401] = [unauthenticated(verify), unauthenticated(share)]

const numberVerification: Readonly<Record<string, Givens>> = {
  'number-verification-phoneNumberShare': {
    phone_number_share_01_generic_success_scenario: () => send(share),
    phone_number_share_02_success_scenario: () => send(share),
    'phone_number_verify_401.1_no_authorization_header': share401[0],
    'phone_number_verify_401.2_expired_access_token': share401[1],
    'phone_number_verify_401.3_invalid_access_token': share401[2],
    'phoneNumberShare_403.1_invalid_token_permissions': async () => send(share, { token: await threeLegged(verify.scope) }),
    'phoneNumberShare_403.2_not_authenticated_using_network_or_sim_based_authentication': async () => send(share, { token: await named(share.scope) }),
  },
  'number-verification-phoneNumberVerify': {
    phone_number_verify_01_generic_success_scenario: () => send(verify),
    'phone_number_verify.02_validate_phone_number_success_true': () => send(verify),
    'phone_number_verify.03_validate_phone_number_success_false': () => send(verify, { body: { phoneNumber: bob } }),
    'phone_number_verify.04_validate_hashed_phone_number_success_true': () => send(verify, { body: { hashedPhoneNumber: hash(ada) } }),
    'phone_number_verify.05_validate_hashed_phone_number_success_false': () => send(verify, { body: { hashedPhoneNumber: hash(bob) } }),
    'phone_number_verify_400.1_no_request_body': () => send(verify, { body: undefined }),
    'phone_number_verify_400.2_empty_request_body': () => send(verify, { body: {} }),
    'phone_number_verify_400.3_invalid_request_non_existing_property': () => send(verify, { body: { additional_property: 'foo_value' } }),
    'phone_number_verify_400.4_both_phone_number_and_hashed_in_request': () => send(verify, { body: { phoneNumber: ada, hashedPhoneNumber: hash(ada) } }),
    'phone_number_verify_401.1_no_authorization_header': verify401[0],
    'phone_number_verify_401.2_expired_access_token': verify401[1],
    'phone_number_verify_401.3_invalid_access_token': verify401[2],
    'phoneNumberVerify_403.1_invalid_token_permissions': async () => send(verify, { token: await threeLegged(share.scope) }),
    'phoneNumberVerify_403.2_not_authenticated_using_network_or_sim_based_authentication': async () => send(verify, { token: await named(verify.scope) }),
    'phone_number_verify_C02.01_phone_number_not_schema_compliant': async () => send(verify, { token: await twoLegged(verify.scope), body: { phoneNumber: '3301' } }),
  },
}

/** The errors of an API that a phone number identifies; `serves`: whom it does not serve is answered in this place. */
const identified = (operation: Operation) => ({
  malformed: () => send(operation, { body: { phoneNumber: '3301' } }),
  unknown: () => send(operation, { body: { phoneNumber: stranger } }),
  unnecessary: async () => send(operation, { token: await threeLegged(operation.scope) }),
  missing: () => send(operation, { body: {} }),
  notServed: () => send(operation, { body: { phoneNumber: machine } }),
})

const changed = { 'sim-swap': 'swapSim', 'device-swap': 'swapDevice' } as const
/** Ada's SIM, or device, is in use since so many hours. */
const changedBefore = (api: 'sim-swap' | 'device-swap', hours: number, at = sim) => at.handset(ada)[changed[api]](new Date(now() - hours * HOUR))

const checks = (api: 'sim-swap' | 'device-swap') => {
  const check = swap(api, api === 'sim-swap' ? 'checkSimSwap' : 'checkDeviceSwap', 'check')
  const [missing, late, invalid] = unauthenticated(check)
  const asked = (hours: number, body: object) => {
    changedBefore(api, hours)
    return send(check, { body: { phoneNumber: ada, ...body } })
  }
  return {
    ...identified(check), missingToken: missing, late, invalid,
    /** With a token that speaks of the person, and with a number in the body. */
    success: async () => {
      const answer = await send(check, { token: await threeLegged(check.scope), body: {} })
      expect(answer.status).toBe(200)
      return send(check)
    },
    within: () => asked(239, {}),
    withinHours: (hours: string) => asked(Number(hours) - 0.5, { maxAge: Number(hours) }),
    before: () => asked(241, {}),
    beforeHours: () => asked(100, { maxAge: 99 }),
    never: () => send(check, { body: { phoneNumber: fresh } }),
    neverHours: (hours: string) => send(check, { body: { phoneNumber: fresh, maxAge: Number(hours) - 1 } }),
    malformedAge: async () => {
      for (const maxAge of ['24', 1.5, null]) expect((await send(check, { body: { phoneNumber: ada, maxAge } })).body.code).toBe('INVALID_ARGUMENT')
      return send(check, { body: { phoneNumber: ada, maxAge: 'x' } })
    },
    tooLong: () => send(check, { body: { phoneNumber: ada, maxAge: 100_000 } }),
    beyond: () => send(check, { at: restricted, body: { phoneNumber: ada, maxAge: 721 } }),
    unconnected: () => send(check, { body: { phoneNumber: unconnected } }),
  }
}

const dates = (api: 'sim-swap' | 'device-swap') => {
  const retrieve = swap(api, api === 'sim-swap' ? 'retrieveSimSwapDate' : 'retrieveDeviceSwapDate', 'retrieve-date')
  const [missing, late, invalid] = unauthenticated(retrieve)
  return {
    ...identified(retrieve), missingToken: missing, late, invalid,
    success: async () => {
      const answer = await send(retrieve, { token: await threeLegged(retrieve.scope), body: {} })
      expect(answer.status).toBe(200)
      return send(retrieve)
    },
    swapped: () => {
      changedBefore(api, 5)
      return send(retrieve)
    },
    activated: () => send(retrieve, { body: { phoneNumber: fresh } }),
    unconnected: () => send(retrieve, { body: { phoneNumber: unconnected } }),
    tooLongAgo: async () => {
      changedBefore(api, 31 * 24, restricted)
      const answer = await send(retrieve, { at: restricted })
      expect(answer.body.monitoredPeriod).toBe(30)
      return answer
    },
  }
}

const [simCheck, simDate, deviceCheck, deviceDate] = [checks('sim-swap'), dates('sim-swap'), checks('device-swap'), dates('device-swap')]

const swaps: Readonly<Record<string, Givens>> = {
  'sim-swap-checkSimSwap': {
    check_sim_swap_1_generic_success_scenario: simCheck.success,
    check_sim_swap_2_valid_sim_swap_no_max_age: simCheck.within,
    check_sim_swap_3_valid_sim_swap_max_age: simCheck.withinHours,
    check_sim_swap_4_more_than_240_hours: simCheck.before,
    check_sim_swap_5_out_of_max_age: simCheck.beforeHours,
    check_sim_swap_6_no_sim_swap_no_max_age: simCheck.never,
    check_sim_swap_7_no_sim_swap_with_max_age: simCheck.neverHours,
    'check_sim_swap_401.1_no_authorization_header': simCheck.missingToken,
    'check_sim_swap_401.2_expired_access_token': simCheck.late,
    'check_sim_swap_401.3_invalid_access_token': simCheck.invalid,
    'check_sim_swap_400.1_invalid_max_age': simCheck.malformedAge,
    'check_sim_swap_400.2_invalid_max_age_value': simCheck.tooLong,
    'check_sim_swap_400.3_max_age_out_of_monitored_period': simCheck.beyond,
    'check_sim_swap_C02.01_phone_number_not_schema_compliant': simCheck.malformed,
    'check_sim_swap_C02.02_phone_number_not_found': simCheck.unknown,
    'check_sim_swap_C02.03_unnecessary_phone_number': simCheck.unnecessary,
    'check_sim_swap_C02.04_missing_phone_number': simCheck.missing,
    'check_sim_swap_C02.05_phone_number_not_supported': simCheck.notServed,
  },
  'sim-swap-retrieveSimSwapDate': {
    retrieve_sim_swap_date_1_generic_success_scenario: simDate.success,
    retrieve_sim_swap_date_2_valid_sim_swap: simDate.swapped,
    retrieve_sim_swap_date_3_no_sim_swap_returns_activation_date: simDate.activated,
    retrieve_sim_swap_date_4_sim_never_associated: simDate.unconnected,
    retrieve_sim_swap_date_5_no_sim_swap_or_activation_date_due_to_legal_constrain: simDate.tooLongAgo,
    'retrieve_sim_swap_date_401.1_no_authorization_header': simDate.missingToken,
    'retrieve_sim_swap_date_401.2_expired_access_token': simDate.late,
    'retrieve_sim_swap_date_401.3_invalid_access_token': simDate.invalid,
    'retrieve_sim_swap_date_C02.01_phone_number_not_schema_compliant': simDate.malformed,
    'retrieve_sim_swap_date_C02.02_phone_number_not_found': simDate.unknown,
    'retrieve_sim_swap_date_C02.03_unnecessary_phone_number': simDate.unnecessary,
    'retrieve_sim_swap_date_C02.04_missing_phone_number': simDate.missing,
    'retrieve_sim_swap_date_C02.05_phone_number_not_supported': simDate.notServed,
  },
  'device-swap-checkDeviceSwap': {
    check_device_swap_1_generic_success_scenario: deviceCheck.success,
    check_device_swap_2_valid_device_swap_no_max_age: deviceCheck.within,
    check_device_swap_3_valid_device_swap_max_age: deviceCheck.withinHours,
    check_device_swap_4_more_than_240_hours: deviceCheck.before,
    check_device_swap_5_out_of_max_age: deviceCheck.beforeHours,
    check_device_swap_6_no_device_swap_no_max_age: deviceCheck.never,
    check_device_swap_7_no_device_swap_with_max_age: deviceCheck.neverHours,
    check_device_swap_8_NoDeviceSwapPhoneNumberNeverConnected: deviceCheck.unconnected,
    check_device_swap_9_C02_01_phone_number_not_schema_compliant: deviceCheck.malformed,
    check_device_swap_10_C02_02_phone_number_not_found: deviceCheck.unknown,
    check_device_swap_11_C02_03_unnecessary_phone_number: deviceCheck.unnecessary,
    check_device_swap_12_C02_04_missing_phone_number: deviceCheck.missing,
    check_device_swap_13_C02_05_phone_number_not_supported: deviceCheck.notServed,
    'check_device_swap_401.1_no_authorization_header': deviceCheck.missingToken,
    'check_device_swap_401.2_expired_access_token': deviceCheck.late,
    'check_device_swap_401.3_invalid_access_token': deviceCheck.invalid,
    'check_device_swap_400.2_invalid_max_age': deviceCheck.malformedAge,
    'check_device_swap_400.3_out_of_range': deviceCheck.tooLong,
  },
  'device-swap-retrieveDeviceSwapDate': {
    retrieve_device_swap_date_1_generic_success_scenario: deviceDate.success,
    retrieve_device_swap_date_2_valid_device_swap: deviceDate.swapped,
    retrieve_device_swap_date_3_no_device_swap_returns_activation_date: deviceDate.activated,
    retrieve_device_swap_date_4_no_device_swap_or_activation_date_due_to_legal_constrain: deviceDate.tooLongAgo,
    retrieve_device_swap_date_5_not_activated: deviceDate.unconnected,
    retrieve_device_swap_date_6_C02_01_phone_number_not_schema_compliant: deviceDate.malformed,
    retrieve_device_swap_date_7_C02_02_phone_number_not_found: deviceDate.unknown,
    retrieve_device_swap_date_8_C02_03_unnecessary_phone_number: deviceDate.unnecessary,
    check_device_swap_9_C02_04_missing_phone_number: deviceDate.missing,
    retrieve_device_swap_date_10_C02_05_phone_number_not_supported: deviceDate.notServed,
    'retrieve_device_swap_date_401.1_no_authorization_header': deviceDate.missingToken,
    'retrieve_device_swap_date_401.2_expired_access_token': deviceDate.late,
    'retrieve_device_swap_date_401.3_invalid_access_token': deviceDate.invalid,
  },
}

/** A number that nobody has texted yet, so that no scenario spends another one's budget. */
let lastNumber = 447700900100
const newNumber = (): string => {
  lastNumber += 1
  return sim.addSubscriber({ msisdn: `+${lastNumber}`, operator: 'a' }).msisdn
}
const text = (body: object) => send(sendCode, { body: { phoneNumber: ada, message, ...body } })
/** A code that has been sent: its id, and what the person reads. */
const codeSent = async (phoneNumber = newNumber()) => {
  const { body } = await text({ phoneNumber })
  const code = /\d{6}/.exec(sim.handset(phoneNumber).texts().at(-1)!.text)![0]
  const wrong = code === '000000' ? '000001' : '000000'
  return { phoneNumber, id: body.authenticationId as string, code, wrong }
}
const validate = (authenticationId: unknown, code: unknown, sent: Sent = {}) => send(validateCode, { body: { authenticationId, code }, ...sent })
const barred = (how: 'blocked' | 'not-allowed') => {
  const phoneNumber = newNumber()
  sim.handset(phoneNumber).deliverTexts(how)
  return text({ phoneNumber })
}
const validated = { ...validateCode, body: { authenticationId: 'ea0840f3-3663-4149-bd10-c7c6b8912105', code: '123456' } }
const [send401, validate401] = [unauthenticated(sendCode), unauthenticated(validated)]

const oneTimePasswords: Readonly<Record<string, Givens>> = {
  'one-time-password-sms-sendCode': {
    OTPvalidationAPI_01_send_code_success_scenario: () => text({ phoneNumber: newNumber() }),
    'OTPvalidationAPI_02_send_code_success_scenario_without_x-correlator': async () =>
      call(sim, sendCode.path, { token: await sendCode.token(), body: { phoneNumber: newNumber(), message } }),
    'OTPvalidationAPI_400.1_send_code_no_request_body': () => send(sendCode, { body: undefined }),
    'OTPvalidationAPI_400.2_send_code_empty_request_body': () => send(sendCode, { body: {} }),
    'OTPvalidationAPI_400.4_send_code_incorrect_phone_number_request_body': () => text({ phoneNumber: '3301' }),
    'OTPvalidationAPI_400.5_send_code_missing_message': () => text({ message: undefined }),
    'OTPvalidationAPI_400.6_send_code_missing_code_request_body': () => text({ message: 'message without code' }),
    'OTPvalidationAPI_400.7_send_code_message_too_long': () => text({ message: `{{code}}${'x'.repeat(153)}` }),
    'OTPvalidationAPI_401.1_send_code_no_authorization_header': send401[0],
    'OTPvalidationAPI_401.2_send_code_expired_access_token': send401[1],
    'OTPvalidationAPI_401.3_send_code_invalid_access_token': send401[2],
    OTPvalidationAPI_03_send_code_max_otp_code: async () => {
      const phoneNumber = newNumber()
      for (const sent of [1, 2, 3, 4]) expect([sent, (await text({ phoneNumber })).status]).toEqual([sent, 200])
      return text({ phoneNumber })
    },
    OTPvalidationAPI_04_send_code_phone_number_not_allowed: () => text({ phoneNumber: machine }),
    OTPvalidationAPI_05_send_code_phone_number_not_allowed_3: () => barred('not-allowed'),
    OTPvalidationAPI_06_send_code_phone_number_blocked: () => barred('blocked'),
    'OTPvalidationAPI_404.1_send_code_phone_number_not_belong_to_operator': () => text({ phoneNumber: stranger }),
  },
  'one-time-password-sms-validateCode': {
    OTPvalidationAPI_01_validate_code_sucess_scenario: async () => {
      const { id, code } = await codeSent()
      return validate(id, code)
    },
    'OTPvalidationAPI_02_validate_code_sucess_scenario_without_x-correlator': async () => {
      const { id, code } = await codeSent()
      return call(sim, validateCode.path, { token: await validateCode.token(), body: { authenticationId: id, code } })
    },
    'OTPvalidationAPI_400.1_validate_code_no_request_body': () => send(validateCode, { body: undefined }),
    'OTPvalidationAPI_400.2_validate_code_empty_request_body': () => send(validateCode, { body: {} }),
    'OTPvalidationAPI_400.3_validate_code_missing_authenticationId': () => validate(undefined, '123456'),
    'OTPvalidationAPI_400.3_validate_code_missing_code': async () => validate((await codeSent()).id, undefined),
    'OTPvalidationAPI_400.4_validate_code_exceed_code_max_length': async () => validate((await codeSent()).id, 'thisCodeExceedsTenCharacters'),
    'OTPvalidationAPI_400.5_validate_code_invalid_otp_scenario': async () => {
      const { id, wrong } = await codeSent()
      return validate(id, wrong)
    },
    'OTPvalidationAPI_400.6_validate_code_verification_expired_scenario_1': async () => {
      const { id, code } = await codeSent()
      ahead = 300_000
      return validate(id, code)
    },
    'OTPvalidationAPI_400.7_validate_code_verification_expired_scenario_2': async () => {
      const { phoneNumber, id, code } = await codeSent()
      await text({ phoneNumber })
      return validate(id, code)
    },
    'OTPvalidationAPI_400.8_validate_code_verification_expired_scenario_3': async () => {
      const { id, code } = await codeSent()
      expect((await validate(id, code)).status).toBe(204)
      return validate(id, code)
    },
    'OTPvalidationAPI_400.9_validate_code_verification_failed_scenario': async () => {
      const { id, wrong } = await codeSent()
      for (const tried of [1, 2]) expect([tried, (await validate(id, wrong)).body.code]).toEqual([tried, 'ONE_TIME_PASSWORD_SMS.INVALID_OTP'])
      return validate(id, wrong)
    },
    'OTPvalidationAPI_401.1_validate_code_no_authorization_header': validate401[0],
    'OTPvalidationAPI_401.2_validate_code_expired_access_token': validate401[1],
    'OTPvalidationAPI_401.3_validate_code_invalid_access_token': validate401[2],
    OTPvalidationAPI_404_validate_code_resource_not_found: () => validate('00000000-0000-4000-8000-000000000000', '123456'),
  },
}

const givens: Readonly<Record<string, Givens>> = { ...numberVerification, ...swaps, ...oneTimePasswords }

/** What a published Then asks of an answer. A sentence that none of these reads fails the test. */
const thens: readonly [RegExp, (answer: Answer, ...words: string[]) => void][] = [
  [/^the response status code is "?(\d+)"?$/, ({ status }, expected) => expect(status).toBe(Number(expected))],
  [/^the response property "\$\.status" is (\d+)$/, ({ status, body }, expected) => {
    expect(status).toBe(Number(expected))
    if (status >= 400) expect(body.status).toBe(status)
  }],
  [/^the response property "\$\.code" is "(.+)"$/, ({ body }, expected) => expect(body.code).toBe(expected)],
  [/^the response property "\$\.message" contains a user friendly text$/, ({ body }) => expect(body.message).toMatch(/^[A-Z].{15,}/)],
  [/^the response header "Content-Type" is "(.+)"$/, ({ headers }, expected) => expect(headers.get('content-type')?.split(';')[0]).toBe(expected)],
  [/^the response header "x-correlator" has same value as the request header "x-correlator"$/, ({ headers }) => expect(headers.get('x-correlator')).toBe(correlator)],
  // `send` has asked the published document about every answer.
  [/^the response body complies with the OAS schema at ".+"$/, ({ body }) => expect(body).toBeDefined()],
  [/^the (?:value of )?response property "\$\.(\w+)" == (true|false)$/, ({ body }, name, expected) => expect(body[name]).toBe(expected === 'true')],
  [/^the response property "\$\.(\w+)" is equal to the phone number associated with the access token$/, ({ body }, name) => expect(body[name]).toBe(ada)],
  [/^the response property "\$\.(\w+)" contains a valid timestamp$/, ({ body }, name) => {
    expect(Math.abs(Date.parse(body[name]) - (now() - 5 * HOUR))).toBeLessThan(60_000)
  }],
  [/^the response property "\$\.(\w+)" contains the (?:sim's activation timestamp|timestamp of the first time that the SIM is installed in the device)$/,
    ({ body }, name) => expect(body[name]).toBe(activated.toISOString())],
  [/^the response property "\$\.(\w+)" is null$/, ({ body }, name) => expect(body[name]).toBeNull()],
  [/^the response optionally contains the property "\$\.monitoredPeriod" .+$/, ({ body }) => expect([undefined, 30]).toContain(body.monitoredPeriod)],
]

function expectThen(answer: Answer, sentence: string): void {
  for (const [pattern, check] of thens) {
    const words = pattern.exec(sentence)
    if (words) return check(answer, ...words.slice(1))
  }
  throw new Error(`No check reads: ${sentence}`)
}

const published = features.flatMap(scenariosOf)
const givenOf = ({ feature, tag }: Scenario): Given | undefined => givens[feature]?.[tag]

describe('The scenarios that CAMARA publishes with its APIs', () => {
  it.each(published.filter((scenario) => givenOf(scenario)).map((scenario) => [scenario.feature, scenario.tag, scenario] as const))('the simulator answers CAMARA\'s published scenario of %s as it says: @%s', async (_, __, scenario) => {
    expect(scenario.then.length).toBeGreaterThan(0)
    for (const example of scenario.examples) {
      const answer = await givenOf(scenario)!(example)
      scenario.then.forEach((sentence) => expectThen(answer, sentence))
    }
  })

  it('a table lists the scenarios that CAMARA publishes, and says which are run', () => {
    const file = join(__dirname, 'scenarios.md')
    const table = tableOf(published)
    if (process.env.WRITE_TABLES) writeFileSync(file, table)
    expect(readFileSync(file, 'utf8')).toBe(table)
  })

  it('all scenarios that CAMARA publishes are run, and no scenario is run that is not published', () => {
    const known = new Set(published.map(({ feature, tag }) => `${feature} ${tag}`))
    const run = Object.entries(givens).flatMap(([feature, scenarios]) => Object.keys(scenarios).map((tag) => `${feature} ${tag}`))
    expect(run.filter((name) => !known.has(name))).toEqual([])
    expect([published.length, [...known].filter((name) => !run.includes(name))]).toEqual([116, []])
  })
})

function tableOf(scenarios: readonly Scenario[]): string {
  const run = scenarios.filter((scenario) => givenOf(scenario))
  const rows = scenarios.map((scenario) =>
    `| ${scenario.feature} | \`${scenario.tag}\` | ${scenario.title.trim().replaceAll('|', '\\|')} | ${givenOf(scenario) ? 'yes' : 'no'} |`)
  return [
    '# The published scenarios, and which are run', '',
    `${run.length} of ${scenarios.length} scenarios of the \`.feature\` files in \`test/fixtures/camara/features\` are run against the simulator by`,
    '`scenarios.test.ts`, which makes this table. What each Then asks is read from the published file.', '',
    '| feature | scenario | title | run |', '|---|---|---|---|', ...rows, '',
  ].join('\n')
}
