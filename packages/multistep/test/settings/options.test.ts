import { Passport } from 'passport'
import { anyOf, multistep, optional, passed, RedisFlowStore, when } from '../../src/index.js'
import { browser, buildApp, people, Scripted } from '../support/app.js'

const passport = () => ['local', 'ldap', 'totp', 'sms-otp'].reduce(
  (instance, name) => instance.use(new Scripted(name, function () { this.fail(undefined as never) })), new Passport(),
)
const starting = (options: object) => () => multistep(passport(), { steps: ['local'], ...options })
const describing = (local: object) => starting({ factors: { local } })

describe('An option that multistep does not know throws, with the one that looks like it', () => {
  it.each<[string, object, string]>([
    ['of multistep', { sucessRedirect: '/' }, 'there is no option \'sucessRedirect\'. Did you mean successRedirect?'],
    ['of lockout', { lockout: { limit: 5 } }, 'there is no option \'lockout.limit\'. There are after, for, max.'],
    ['of session', { session: { absolut: '1h' } }, 'there is no option \'session.absolut\'. Did you mean absolute?'],
    ['of messages', { messages: { login: 'Enter' } }, 'there is no option \'messages.login\'. Did you mean logIn?'],
    ['of a factor', { factors: { local: { enroled: () => true } } }, 'there is no option \'factors[\'local\'].enroled\'. Did you mean enrolled?'],
    ['a factor of no step', { factors: { locl: {} } }, 'Did you mean local?'],
  ])('%s', (_, options, words) => {
    expect(starting(options)).toThrow(TypeError)
    expect(starting(options)).toThrow(words)
  })

  it('labels and problems of messages may have any name', () => {
    expect(starting({ messages: { sendBy: { voice: 'Ring me' }, deliveries: { late: 'Late.' }, checking: { kerberos: 'One moment' } } })).not.toThrow()
    expect(starting({ messages: { fields: { department: 'Department' }, problems: { my_code: 'No.' } } })).not.toThrow()
  })

  it('the router takes no options', () => {
    const login = multistep(passport(), { steps: ['local'] })
    expect(() => (login.router as (options: object) => unknown)({ render: () => '' })).toThrow('there is no option \'router.render\'. It takes none.')
  })
})

describe('An option of another shape throws, with what to write instead', () => {
  it.each<[object, string]>([
    [{ kind: 'posession' }, '\'knowledge\' or \'possession\' or \'inherence\', not "posession"'],
    [{ sees: 'everybody' }, '\'pending\' or \'nobody\''],
    [{ lockout: true }, '.lockout is \'own\', not true'],
    [{ enroll: true }, '.enroll is \'first\''],
    ...['enrolled', 'hint', 'prefill', 'account', 'once', 'samePerson'].map((name): [object, string] => [{ [name]: 'phone' }, `.${name} is a function, such as (`]),
    [{ fields: 'username' }, '.fields is a list of names'],
    [{ fields: [{ name: 'username' }] }, '.fields is a list of names'],
    [{ amr: 5 }, '.amr is text or a list of texts'],
    [{ amr: ['pwd', null] }, '.amr is text or a list of texts'],
    [{ page: 'https://elsewhere.example/' }, '.page is a path of this app'],
    [{ page: 'login' }, '.page is a path of this app'],
    [{ challenge: 'send' }, '.challenge is an object'],
    [{ options: ['scope'] }, '.options is an object, not a list of 1'],
    [{ redirects: 'yes' }, '.redirects is true or false'],
    [{ challengeOnEntry: 0 }, '.challengeOnEntry is true or false, not 0'],
    [{ strategy: passport }, '.strategy is text, not a function'],
  ])('a factor %j throws', (local, words) => {
    expect(describing(local)).toThrow(TypeError)
    expect(describing(local)).toThrow(words)
  })

  it.each<[object, string]>([
    [{ userId: 'email' }, 'userId is a function, such as (user) => user.email'],
    [{ now: 5 }, 'now is a function'],
    [{ successRedirect: '//elsewhere.example' }, 'successRedirect is a path of this app'],
    [{ successRedirect: 'https://elsewhere.example' }, 'successRedirect is a path of this app'],
    [{ carry: 'basket' }, 'carry is a list of names'],
    [{ origins: 'https://app.example' }, 'origins is a list of names'],
    [{ store: { get: () => undefined } }, 'store is an object with the methods time, createFlow'],
    [{ store: null }, 'store is an object with the methods'],
    [{ factors: ['local'] }, 'factors is an object, not a list of 1'],
    [{ factors: { local: 'ldap' } }, 'factors[\'local\'] is an object, not "ldap"'],
    [{ lockout: 5 }, 'lockout is an object'],
    [{ session: '24h' }, 'session is an object'],
    [{ messages: { logIn: 5 } }, 'messages.logIn is text'],
    [{ messages: { fields: { code: 5 } } }, 'messages.fields is an object of sentences by name'],
    [{ ttl: '0s' }, 'ttl must be longer than nothing'],
    [{ storeTimeout: '0s' }, 'storeTimeout must be longer than nothing'],
    [{ stepTimeout: '0.1ms' }, 'stepTimeout must be longer than nothing'],
    [{ lockout: { for: '0m' } }, 'lockout.for must be longer than nothing'],
    [{ lockout: { max: '0m' } }, 'lockout.max must be longer than nothing'],
    [{ lockout: { after: '5' } }, 'lockout.after is a whole number'],
    [{ session: { absolute: '0h' } }, 'session.absolute must be longer than nothing'],
    [{ storeTimeout: '25d' }, 'storeTimeout is at most \'24d\''],
    [{ stepTimeout: '1y' }, 'stepTimeout is at most \'24d\''],
  ])('the options %j throw', (options, words) => {
    expect(starting(options)).toThrow(TypeError)
    expect(starting(options)).toThrow(words)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined], ['a list', ['local', 'totp']], ['an object', {}], ['a choice given as a list', anyOf(['local', 'ldap'] as never)],
    ['a condition that is optional twice', optional(optional('local') as never)], ['a condition without a step', when(() => true, undefined as never)],
  ])('a step that is %s throws', (_, step) => {
    expect(starting({ steps: ['local', step] })).toThrow('a step is the name of a factor, anyOf(\'a\', \'b\')')
  })

  it('a condition that is no function throws', () => {
    expect(starting({ steps: [when('local' as never, 'local')] })).toThrow('when takes a function first: when(passed(\'local\'), \'totp\')')
  })

  it('multistep() without options throws', () => {
    expect(() => (multistep as (instance: object) => unknown)(passport())).toThrow('Write multistep(passport, { steps: [\'local\', \'sms-otp\'] })')
    expect(() => new (RedisFlowStore as new () => RedisFlowStore)()).toThrow('write new RedisFlowStore({ client })')
  })

  it('a listener of an event that never happens throws, and one that is no function does too', () => {
    const login = multistep(passport(), { steps: ['local'] })
    expect(() => login.on('step.fail' as never, () => undefined)).toThrow('there is no event \'step.fail\'. Did you mean step.failed?')
    expect(() => login.on('toString' as never, () => undefined)).toThrow('There are flow.started,')
    expect(() => login.on('step.failed', undefined as never)).toThrow('takes a function')
  })
})

describe('An option that is undefined has its default', () => {
  it('an option that is undefined is as one that is not there', () => {
    expect(starting({ successRedirect: undefined, store: undefined, lockout: undefined, factors: undefined })).not.toThrow()
    expect(starting({ steps: ['local', 'totp'], factors: { totp: { enrolled: undefined } } })).toThrow('\'totp\' must be told who has it')
  })

  it('a factor whose account is undefined has the default name that failures are counted by (R-05)', async () => {
    const { app } = buildApp({ options: { steps: ['local'], factors: { local: { account: undefined as never } }, lockout: { after: 1 } } })
    await browser(app).password('ada', 'wrong').expect(401)
    await browser(app).password('ada').expect(429)
  })
})

describe('Failures of a first step have a name to be counted by (R-05, R-57)', () => {
  const form = { fields: ['username', 'password'] }
  const words = 'nobody is known yet, so failures need a name to be counted by: give factors: { \'ldap\': { account: (req) => req.body.username } }'

  it.each<[string, object]>([
    ['a factor of the first step', { steps: ['ldap'] }],
    ['one of a choice', { steps: [anyOf('local', 'ldap')] }],
    ['a condition before it', { steps: [when(() => true, 'ldap'), 'local'] }],
    ['nothing but conditions', { steps: [when(passed('local'), 'local'), when(() => true, 'ldap')] }],
  ])('%s without an account name throws', (_, options) => {
    expect(starting({ ...options, factors: { ldap: form } })).toThrow(words)
    expect(starting({ ...options, factors: { ldap: { ...form, account: () => 'ada' } } })).not.toThrow()
    expect(starting({ ...options, factors: { ldap: { ...form, lockout: 'own' } } })).not.toThrow()
  })

  it('a later step counts failures by its user, and so does an optional one wherever it stands', () => {
    expect(starting({ steps: ['local', 'ldap'], factors: { ldap: form } })).not.toThrow()
    expect(starting({ steps: [optional('ldap'), 'local'], factors: { ldap: { ...form, enrolled: () => true } } })).not.toThrow()
  })

  it('a factor that only proves a known user may stand in the choice of a first step', () => {
    expect(starting({ steps: [anyOf('local', 'totp')], factors: { totp: { enrolled: () => true } } })).not.toThrow()
  })

  it('failures of a password are counted by its first field, whatever its name is', async () => {
    const mail = new Scripted('local', function (req) {
      if (req.body.password === 'lovelace-1815') this.success(people().ada)
      else this.fail(undefined as never)
    })
    const { app } = buildApp({ strategies: [mail], options: { steps: ['local'], factors: { local: { fields: ['email', 'password'] } }, lockout: { after: 1 } } })
    const posting = (email: string, password: string) => browser(app).post('/login/local', { email, password })
    await posting('Ada@acme.example', 'wrong').expect(401)
    await posting(' ada@acme.example', 'lovelace-1815').expect(429)
    await posting('grace@acme.example', 'lovelace-1815').expect(200)
  })
})
