import type { Duration } from '../../src/index.js'
import { httpSender, type HttpSenderOptions } from '../../src/senders/index.js'
import {
  deadUrl, failureOf, hangUp, reply, secretsOfMessage, sendBy, silence, startGateway, TEXT, told, type Gateway,
} from '../support/gateway.js'
import { createApp } from '../support/app.js'
import { ADA, service } from '../support/kit.js'

let gateway: Gateway
beforeEach(async () => { gateway = await startGateway() })
afterEach(() => gateway.close())

const FORM = 'to=$ctx.num&text=$ctx.msg'
const sender = (options: Partial<HttpSenderOptions> = {}) => httpSender({ url: gateway.url, payload: FORM, ...options })
const json = (payload: string) => ({ payload, contentType: 'application/json' })
const xml = (payload: string) => ({ payload, contentType: 'text/xml' })

describe('The Twilio configuration of the article on SMS OTP', () => {
  it('the Twilio configuration of the article on SMS OTP works word for word, with only the account filled in', async () => {
    gateway.answer(reply(201, { sid: 'SM1', status: 'queued' }))
    const twilio = httpSender({
      url: 'https://api.twilio.com/20100401/Accounts/ACtest/SMS/Messages.json',
      method: 'POST',
      headers: `Authorization: Basic ${btoa('ACtest:token')}`,
      payload: 'Body=$ctx.msg&To=$ctx.num&From=15005550006',
      fetch: (url, init) => fetch(url.replace('https://api.twilio.com', gateway.url), init),
    })
    await sendBy(twilio)
    expect(gateway.requests).toHaveLength(1)
    expect(gateway.last).toMatchObject({ method: 'POST', path: '/20100401/Accounts/ACtest/SMS/Messages.json' })
    expect(gateway.last.headers).toMatchObject({ authorization: 'Basic QUN0ZXN0OnRva2Vu', 'content-type': 'application/x-www-form-urlencoded' })
    expect(Object.fromEntries(new URLSearchParams(gateway.last.body))).toEqual({ Body: TEXT, To: ADA, From: '15005550006' })
  })
})

describe('A placeholder is escaped for where it stands', () => {
  const nasty = { body: 'a&b=c?d/e#f "g" <h> \\i\n\'j\' 100% +ä€😀', to: '+44&x=1', code: '0"1<2' }

  it('a placeholder is escaped in the path and the query of the URL', async () => {
    await sendBy(httpSender({ url: `${gateway.url}/sms/$ctx.num/send?text=$ctx.msg&otp=$ctx.otp&key=k`, method: 'GET' }), nasty)
    const { pathname, searchParams } = new URL(gateway.last.path, gateway.url)
    expect(decodeURIComponent(pathname)).toBe(`/sms/${nasty.to}/send`)
    expect(Object.fromEntries(searchParams)).toEqual({ text: nasty.body, otp: nasty.code, key: 'k' })
    expect(gateway.last).toMatchObject({ method: 'GET', body: '' })
  })

  it('a placeholder is escaped in a form', async () => {
    await sendBy(sender({ payload: 'to=$ctx.num&text=$ctx.msg&otp=$ctx.otp' }), nasty)
    expect([...new URLSearchParams(gateway.last.body)]).toEqual([['to', nasty.to], ['text', nasty.body], ['otp', nasty.code]])
  })

  it('a placeholder is escaped in JSON, within quotes', async () => {
    await sendBy(sender(json('{"to":["$ctx.num"],"text":"Hi 5\\" \\\\: $ctx.msg","otp":"$ctx.otp"}')), nasty)
    expect(JSON.parse(gateway.last.body)).toEqual({ to: [nasty.to], text: `Hi 5" \\: ${nasty.body}`, otp: nasty.code })
    expect(gateway.last.headers['content-type']).toBe('application/json')
  })

  it('a bare placeholder in JSON becomes a whole string, so that a code keeps its leading zero', async () => {
    await sendBy(sender(json('{"to": $ctx.num, "otp": $ctx.otp}')))
    expect(JSON.parse(gateway.last.body)).toEqual({ to: ADA, otp: '012345' })
  })

  it('a placeholder is escaped in XML, in content and in attributes', async () => {
    await sendBy(sender(xml('<sms to="$ctx.num"><text>$ctx.msg</text></sms>')), { ...nasty, body: 'a]]>&<b>"\'\n\u0000c' })
    expect(gateway.last.body).toBe('<sms to="+44&#38;x=1"><text>a]]&#62;&#38;&#60;b&#62;&#34;&#39;&#10;\uFFFDc</text></sms>')
  })

  it('a placeholder is not escaped in plain text', async () => {
    await sendBy(sender({ payload: '$ctx.num: $ctx.msg', contentType: 'text/plain; charset=UTF-8' }), nasty)
    expect(gateway.last.body).toBe(`${nasty.to}: ${nasty.body}`)
  })

  it('a placeholder in a header takes visible characters only', async () => {
    await sendBy(sender({ headers: { 'X-To': 'tel $ctx.num', 'X-Code': '$ctx.otp' } }))
    expect(gateway.last.headers).toMatchObject({ 'x-to': `tel ${ADA}`, 'x-code': '012345' })
  })

  it.each(['one\r\nX-Injected: 1', 'one\ntwo', 'ä', '\u007f', '\u0000'])('a placeholder in a header refuses %j, and nothing leaves', async (body) => {
    const error = await failureOf(sendBy(sender({ headers: { 'X-Text': '$ctx.msg' } }), { body }))
    expect(error).toMatchObject({ code: 'undeliverable', temporary: false })
    expect(gateway.requests).toEqual([])
  })

  it('half a surrogate pair becomes the sign for what cannot be read', async () => {
    await sendBy(sender(), { body: 'a\ud800b' })
    expect(new URLSearchParams(gateway.last.body).get('text')).toBe('a\uFFFDb')
  })
})

describe('Placeholders are replaced in one pass', () => {
  it.each([['a number', 'to'], ['a text', 'body']])('placeholders are replaced in one pass, and %s that holds $ctx.otp stays text', async (_, name) => {
    await sendBy(sender({ payload: '$ctx.num|$ctx.msg', contentType: 'text/plain' }), { to: 'N', body: 'M', [name]: '$ctx.otp $ctx.num $ctx.msg' })
    expect(gateway.last.body.split('|')[name === 'to' ? 0 : 1]).toBe('$ctx.otp $ctx.num $ctx.msg')
  })

  it('$&, $1, $$ and backslashes in a value of a placeholder are themselves', async () => {
    const body = '$& $1 $$ $` $\' \\ \\\\ \\1'
    await sendBy(sender({ payload: 'x$ctx.msg $ctx.num', contentType: 'text/plain' }), { body })
    expect(gateway.last.body).toBe(`x${body} ${ADA}`)
  })

  it('placeholders are replaced wherever and however often they stand', async () => {
    await sendBy(sender({ payload: '$ctx.num$ctx.num$ctx.otp', contentType: 'text/plain' }), { to: '1' })
    expect(gateway.last.body).toBe('11012345')
  })
})

describe('Headers', () => {
  it('headers hold commas and colons in an object', async () => {
    await sendBy(sender({ headers: { Accept: 'text/html, application/json', 'X-Key': 'a:b,c: d' } }))
    expect(gateway.last.headers).toMatchObject({ accept: 'text/html, application/json', 'x-key': 'a:b,c: d' })
  })

  it('headers are read from one text too, as WSO2 writes them, and keep their commas and colons', async () => {
    await sendBy(sender({ headers: 'Accept: text/html, application/json,X-Key:a:b, Authorization: Basic QTpi, X-At: 10:00,' }))
    expect(gateway.last.headers).toMatchObject({ accept: 'text/html, application/json', 'x-key': 'a:b', authorization: 'Basic QTpi', 'x-at': '10:00' })
  })

  it('headers say what the payload is, when contentType does not', async () => {
    await sendBy(sender({ headers: 'content-type: application/vnd.acme+json; charset="utf-8"', payload: '{"to":"$ctx.num","text":"$ctx.msg"}' }))
    expect(JSON.parse(gateway.last.body)).toEqual({ to: ADA, text: TEXT })
    expect(gateway.last.headers['content-type']).toBe('application/vnd.acme+json; charset="utf-8"')
  })
})

describe('An answer', () => {
  it.each([200, 201, 202])('an answer of %i means taken', async (status) => {
    gateway.answer(reply(status, status === 200 ? 'x'.repeat(200_000) : 'OK'))
    await expect(sendBy(sender())).resolves.toEqual({})
  })

  it('an answer means taken when its status is expected, and only then', async () => {
    gateway.answer(reply(302, '', { location: '/else' }))
    await expect(sendBy(sender({ expectStatus: [204, 302] }))).resolves.toEqual({})
    gateway.answer(reply(200))
    expect(await failureOf(sendBy(sender({ expectStatus: 204 })))).toMatchObject({ providerCode: 'http_200', name: 'Error' })
  })

  it.each([[400, false], [401, false], [404, false], [422, false], [429, true]])('an answer of %i is a definite refusal, temporary: %s', async (status, temporary) => {
    gateway.answer(reply(status, 'no such customer'))
    const error = await failureOf(sendBy(sender()))
    expect(error).toMatchObject({ name: 'SmsOtpError', code: 'undeliverable', expose: false, providerCode: `http_${status}`, temporary })
    expect(told(error)).toContain('no such customer')
  })

  it.each([204, 302, 307, 408, 500, 502, 503, 504])('an answer of %i leaves the outcome unknown', async (status) => {
    gateway.answer(reply(status, '', { location: '/else' }))
    const error = await failureOf(sendBy(sender()))
    expect(error).toMatchObject({ name: 'Error', providerCode: `http_${status}` })
    expect(error.code).toBeUndefined()
  })

  it.each([301, 302, 307, 308])('an answer of %i is not followed: number and code go nowhere else', async (status) => {
    gateway.answer(reply(status, '', { location: `${gateway.url}/else` }))
    await failureOf(sendBy(sender()))
    expect(gateway.requests).toHaveLength(1)
  })

  it('an answer of success with an error inside is a definite refusal, when expectBody finds it', async () => {
    gateway.answer(reply(200, { status: 'error', reason: 'no credit' }))
    const error = await failureOf(sendBy(sender({ expectBody: (body) => JSON.parse(body).status === 'ok' })))
    expect(error).toMatchObject({ code: 'undeliverable', providerCode: 'body_refused', temporary: false })
    expect(told(error)).toContain('no credit')
    gateway.answer(reply(200, { status: 'ok' }))
    await expect(sendBy(sender({ expectBody: (body) => JSON.parse(body).status === 'ok' }))).resolves.toEqual({})
  })

  it('an answer may be judged by a promise, whose rejection leaves the outcome unknown', async () => {
    await expect(sendBy(sender({ expectBody: async () => true }))).resolves.toEqual({})
    expect(await failureOf(sendBy(sender({ expectBody: async () => false })))).toMatchObject({ providerCode: 'body_refused' })
    expect(await failureOf(sendBy(sender({ expectBody: async () => { throw new Error('no') } })))).toMatchObject({ name: 'Error', providerCode: 'body_unreadable' })
  })

  it('an answer that expectBody cannot read leaves the outcome unknown, and half a number in it is not told', async () => {
    gateway.answer(reply(200, `<html>${ADA}`))
    const error = await failureOf(sendBy(sender({ expectBody: (body) => JSON.parse(body).ok === true })))
    expect(error).toMatchObject({ name: 'Error', providerCode: 'body_unreadable' })
    expect(told(error)).not.toMatch(/447400|123456/)
  })

  it('an answer that does not end is read up to 64 KiB', async () => {
    let length = 0
    gateway.answer((response) => { const more = () => { while (response.write('x'.repeat(16_384))); response.once('drain', more) }; more() })
    await sendBy(sender({ expectBody: (body) => { length = body.length; return true } }))
    expect(length).toBe(65_536)
  })

  it('an answer that breaks off leaves the outcome unknown', async () => {
    gateway.answer((response) => { response.writeHead(200, { 'content-length': '100' }).write('half', () => { response.destroy() }) })
    expect(await failureOf(sendBy(sender()))).toMatchObject({ name: 'Error', cause: expect.objectContaining({ name: 'TypeError' }) })
  })
})

describe('No answer', () => {
  it('a gateway where nobody listens was sent nothing, and the cause says why', async () => {
    const error = await failureOf(sendBy(sender({ url: await deadUrl() })))
    expect(error).toMatchObject({ code: 'undeliverable', providerCode: 'unreachable', temporary: true, tryNext: true, cause: { cause: { code: 'ECONNREFUSED' } } })
  })

  it.each<[string, object, string | undefined]>([
    ['no such host', { cause: { code: 'ENOTFOUND', syscall: 'getaddrinfo' } }, 'undeliverable'],
    ['several addresses, and nobody at any', { cause: { code: 'ECONNREFUSED', errors: [{ syscall: 'connect' }, { syscall: 'connect' }] } }, 'undeliverable'],
    ['no answer to the first packet', { cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } }, 'undeliverable'],
    ['another host that answers', { cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } }, 'undeliverable'],
    ['a connection that broke', { cause: { code: 'ECONNRESET', syscall: 'read' } }, undefined],
    ['one address that broke', { cause: { errors: [{ syscall: 'connect' }, { syscall: 'read' }] } }, undefined],
    ['silence', { cause: { code: 'UND_ERR_HEADERS_TIMEOUT' } }, undefined],
    ['no reason', {}, undefined],
  ])('a request that failed has the right outcome, because of %s', async (_, reason, code) => {
    const fetch = () => Promise.reject(Object.assign(new TypeError('fetch failed'), reason))
    expect((await failureOf(sendBy(sender({ fetch })))).code).toBe(code)
  })

  it.each([['GET', { method: 'GET', payload: undefined }], ['POST', {}]])('a request is not sent again when the gateway hung up on a %s', async (_, more) => {
    gateway.answer(hangUp)
    const { payload, ...options } = { url: `${gateway.url}/?to=$ctx.num&text=$ctx.msg`, payload: FORM, ...more } as HttpSenderOptions
    expect(await failureOf(sendBy(httpSender({ ...options, ...payload === undefined ? {} : { payload } })))).toMatchObject({ name: 'Error' })
    expect(gateway.requests).toHaveLength(1)
  })

  it('a request without an answer within its own timeout has an unknown outcome, and is given up', async () => {
    const gone = new Promise<string>((resolve) => { gateway.answer((response) => response.on('close', () => resolve('closed'))) })
    expect(await failureOf(sendBy(sender({ timeout: '50ms' })))).toMatchObject({ name: 'Error', cause: { name: 'DeadlineError' } })
    expect(await gone).toBe('closed')
  })

  it('a request is given up when the signal says that nobody waits any more', async () => {
    const controller = new AbortController()
    gateway.answer(() => { controller.abort() })
    for (const options of [{}, { timeout: '1h' as const }]) expect(await failureOf(sendBy(sender(options), {}, controller.signal))).toMatchObject({ cause: { name: 'AbortError' } })
    expect(gateway.requests).toHaveLength(1)
  })
})

describe('In a service', () => {
  const codeIn = (body: string) => /\b\d{6}\b/.exec(new URLSearchParams(body).get('text')!)![0]
  const withGateway = (options: Partial<HttpSenderOptions> = {}, senderTimeout: Duration = '5s') => {
    const kit = service({ sender: sender(options), countries: ['GB'], senderTimeout })
    const heard = jest.fn()
    kit.otp.on('undeliverable', heard)
    return { ...kit, heard }
  }
  it.each([
    ['5xx', reply(503)], ['a silent gateway', silence], ['a gateway that hangs up', hangUp], ['a redirect', reply(302, '', { location: '/' })], ['a malformed body', reply(200, '<html>')],
  ] as const)('a service with %s costs nothing: the code that may have arrived is good, and one text left (R-31, S-20)', async (_, answer) => {
    gateway.answer(answer)
    const kit = withGateway({ expectBody: (body) => JSON.parse(body).ok === true }, answer === silence ? '200ms' : '5s')
    const sent = await kit.otp.issue({ to: ADA, purpose: 'login' })
    expect(sent).toMatchObject({ status: 'sent' })
    expect(kit.heard.mock.calls).toEqual([[expect.objectContaining({ provider: 'http', temporary: true })]])
    expect(gateway.requests).toHaveLength(1)
    const challenge = sent.status === 'sent' ? sent.challenge : ''
    expect(await kit.otp.verify({ challenge, code: codeIn(gateway.last.body), purpose: 'login' })).toMatchObject({ status: 'ok' })
  })

  it('an answer after the deadline changes nothing: no second text, no second event, and the code is good', async () => {
    let late: () => void = () => undefined
    gateway.answer((response) => { late = () => response.writeHead(400).end() })
    const answers: Promise<Response>[] = []
    const heedless = (url: string, { signal: _, ...init }: RequestInit) => {
      answers.push(fetch(url, init))
      return answers[0]!
    }
    const kit = withGateway({ fetch: heedless }, '200ms')
    const sent = await kit.otp.issue({ to: ADA, purpose: 'login' })
    late()
    expect(await answers[0]).toMatchObject({ status: 400 })
    const challenge = sent.status === 'sent' ? sent.challenge : ''
    expect(await kit.otp.verify({ challenge, code: codeIn(gateway.last.body), purpose: 'login' })).toMatchObject({ status: 'ok' })
    expect([gateway.requests.length, kit.heard.mock.calls.length]).toEqual([1, 1])
  })

  it.each([
    ['4xx', reply(400), 'http_400', false], ['429', reply(429), 'http_429', true], ['success with an error inside', reply(200, { ok: false }), 'body_refused', false],
  ] as const)('a gateway\'s answer with %s is undeliverable, with a stable code (R-31)', async (_, answer, providerCode, temporary) => {
    gateway.answer(answer)
    const kit = withGateway({ expectBody: (body) => JSON.parse(body).ok === true })
    expect(await kit.otp.issue({ to: ADA, purpose: 'login' })).toEqual({ status: 'undeliverable', provider: 'http', providerCode, temporary })
    expect(gateway.requests).toHaveLength(1)
  })

  it('a refused connection is an event, and the person is not told about accounts (R-31)', async () => {
    const kit = createApp({ strategy: { sender: sender({ url: await deadUrl() }), countries: ['GB'] } })
    const heard = new Promise((resolve) => { kit.strategy.otp.on('undeliverable', resolve) })
    await kit.agent().post('/send').send({ phone: ADA }).expect(200)
    expect(await heard).toMatchObject({ provider: 'http', temporary: true })
  })
})

describe('An error', () => {
  const echo = secretsOfMessage.map((secret) => `<${secret}>`).join(' ')
  const more = { headers: { Authorization: 'Bearer token-of-acme', 'X-Api-Key': 'key-of-acme' }, url: '', mask: ['customer-77', 'hush "w" & ssh', /session=\w+/i] }
  const masked = () => sender({ ...more, url: `${gateway.url}/?apikey=secret-of-url` })

  it.each([400, 500])('an error about an answer of %i has no number, no code, no text and no key in it, its cause neither (W-16, R-14)', async (status) => {
    const parts = [echo, 'To=+447400123456&Body=', TEXT, encodeURIComponent(TEXT), JSON.stringify(TEXT), 'token-of-acme key-of-acme secret-of-url', 'customer-77 SESSION=abc', 'hush%20%22w%22%20%26%20ssh', 'hush+%22w%22+%26+ssh', 'hush \\"w\\" & ssh', 'hush &#34;w&#34; &#38; ssh', encodeURIComponent(TEXT).toLowerCase(), '\\u002b447400123456 &#43;4474001&#50;3456']
    for (const part of parts) {
      gateway.answer(reply(status, `kept ${part}`))
      const text = told(await failureOf(sendBy(masked())))
      expect(text).toContain('kept')
      for (const secret of [...secretsOfMessage, '7400', '123456', 'Do not share', 'not%20share', 'of-acme', 'of-url', 'customer', 'abc', 'hush', 'ssh']) expect(text).not.toContain(secret)
    }
  })

  it('an error thrown by fetch keeps its name, code and causes, and loses what it says about the request (W-16)', async () => {
    const thrown = Object.assign(new TypeError(`failed: ${gateway.url}/?apikey=secret-of-url To=%2B447400123456&Body=012345`), {
      code: 'E_FETCH', config: { data: TEXT, headers: 'token-of-acme' }, cause: new Error(`to ${ADA}`, { cause: 'plain 012-345' }),
    })
    const error = await failureOf(sendBy(httpSender({ url: `${gateway.url}/?apikey=secret-of-url`, headers: more.headers, payload: FORM, fetch: () => Promise.reject(thrown) })))
    expect(error).toMatchObject({ cause: { name: 'TypeError', code: 'E_FETCH', cause: { message: expect.stringMatching(/^to\W*$/), cause: { message: 'plain •••' } } } })
    for (const secret of [...secretsOfMessage, '012-345', 'of-acme', 'of-url']) expect(told(error)).not.toContain(secret)
  })

  it('an error in the app and its events has no number, no code, no text and no key in it (R-14, R-31)', async () => {
    gateway.answer((response, { body }) => response.writeHead(400).end(body))
    const kit = createApp({ strategy: { sender: sender(), countries: ['GB'] }, user: { id: 'user-7', phone: ADA } })
    const events: unknown[] = []
    kit.strategy.otp.on('undeliverable', (event) => events.push(event))
    const { body } = await kit.agent().post('/send').expect(502)
    const code = /\d{6}/.exec(new URLSearchParams(gateway.last.body).get('text')!)![0]
    for (const secret of [ADA.slice(1), code]) expect(told([body, events, kit.errors])).not.toContain(secret)
  })
})

describe('Options that could not work throw at once', () => {
  const url = 'https://gateway.example'
  const bad = (options: object) => () => httpSender({ url, payload: FORM, ...options })

  it.each<[string, object, RegExp]>([
    ['no url (X-07)', { url: undefined }, /^url is required/],
    ['no time at all', { timeout: '0s' }, /longer than nothing/],
    ['more time than a timer holds', { timeout: '30d' }, /timeout is at most '1d'/],
    ['an expectBody that is no function', { expectBody: 'ok' }, /^expectBody is a function/],
    ['a fetch that is no function', { fetch: {} }, /^fetch is a function/],
    ['a url of something else', { url: 'ftp://gateway.example/$ctx.num' }, /https:\/\/ or http:\/\//],
    ['a url that is none', { url: 'gateway.example' }, /https:\/\/ or http:\/\//],
    ['a password in the url', { url: 'https://a:b@gateway.example' }, /Authorization/],
    ['a fragment', { url: 'https://gateway.example/#$ctx.num' }, /%23/],
    ['a placeholder in the host', { url: 'https://a.$ctx.num/' }, /host|begins/],
    ['a placeholder in the port', { url: 'https://gateway.example:$ctx.num/' }, /begins/],
    ['a placeholder that there is not', { payload: 'to=$ctx.num&text=$ctx.mesg' }, /no placeholder \$ctx\.mesg/],
    ['a placeholder of every object', { payload: 'to=$ctx.num&text=$ctx.msg&x=$ctx.constructor' }, /no placeholder/],
    ['no number', { payload: 'text=$ctx.msg' }, /\$ctx\.num/],
    ['no text', { payload: 'to=$ctx.num' }, /\$ctx\.msg/],
    ['a payload in a GET', { method: 'GET' }, /GET carries no payload/],
    ['another method', { method: 'TRACE' }, /method/],
    ['JSON that is none', json('{"to":"$ctx.num","text":"$ctx.msg"'), /not JSON/],
    ['JSON with half a number', json('{"to":00$ctx.num,"text":"$ctx.msg"}'), /not JSON/],
    ['a placeholder in CDATA', xml('<a><![CDATA[$ctx.msg]]>$ctx.num</a>'), /CDATA/],
    ['a placeholder in a comment', xml('<a><!-- $ctx.msg -->$ctx.num</a>'), /comment/],
    ['a type that is not known', { contentType: 'multipart/form-data' }, /contentType is/],
    ['a type that differs from its header', { contentType: 'text/plain', headers: { 'content-type': 'text/html' } }, /differ/],
    ['another character set', { contentType: 'text/plain; charset=ISO-8859-1' }, /UTF-8/],
    ['a header without a colon', { headers: 'Authorization' }, /name:value/],
    ['a header with a line break', { headers: { 'X-A': 'a\r\nX-B: b' } }, /X-A/],
    ['a header with a strange name', { headers: { 'X A': 'a' } }, /X A/],
    ['a header that is no text', { headers: { 'X-A': undefined } }, /texts/],
    ['an expected status that is none', { expectStatus: '200' }, /expectStatus/],
    ['no expected status', { expectStatus: [] }, /expectStatus/],
    ['a bare number as time', { timeout: 5000 }, /timeout is a duration/],
    ['a mask that is no list', { mask: 'secret' }, /mask/],
    ['a mask of nothing', { mask: [''] }, /mask/],
    ['an empty name', { name: '' }, /name/],
    ['a misspelt option', { expectstatus: 200 }, /no option expectstatus/],
  ])('httpSender throws at once for options that could not work: %s', (_, options, says) => {
    expect(bad(options)).toThrow(TypeError)
    expect(bad(options)).toThrow(says)
  })

  it('httpSender throws at once without options', () => { expect(() => httpSender(null as never)).toThrow(/takes an object/) })

  it('httpSender accepts what a gateway in a private network needs', () => {
    expect(httpSender({ url: 'http://10.0.0.5:8080/send?to=$ctx.num&otp=$ctx.otp', method: 'GET', name: 'inhouse' })).toMatchObject({ name: 'inhouse' })
  })
})

describe('What the gateway says in its answer', () => {
  const twilio = (options: Partial<HttpSenderOptions> = {}) => sender({ expectStatus: 201, answer: { id: 'sid', code: 'code' }, ...options })

  it('the id of the text and the code of a refusal come from the gateway\'s answer, by the fields that the app names (N-12)', async () => {
    gateway.answer(reply(201, { sid: 'SM1', status: 'queued' }))
    expect(await sendBy(twilio())).toEqual({ id: 'SM1' })
    gateway.answer(reply(401, { code: 20003, message: 'Authenticate' }))
    expect(await failureOf(sendBy(twilio()))).toMatchObject({ code: 'undeliverable', providerCode: '20003', message: 'The gateway refused the text (HTTP 401, 20003).' })
    gateway.answer(reply(200, { messages: [{ status: '9', 'message-id': 'M1' }] }))
    const nested = { answer: { id: 'messages.0.message-id', code: 'messages.0.status' } }
    expect(await sendBy(sender(nested))).toEqual({ id: 'M1' })
    expect(await failureOf(sendBy(sender({ ...nested, expectBody: () => false })))).toMatchObject({ providerCode: '9' })
  })

  it.each<[string, unknown]>([
    ['no JSON', '<html>'], ['no such field', {}], ['an object', { sid: {}, code: {} }], ['a sentence', { sid: 'not an id', code: 'the number is bad' }], ['the number', { sid: ADA, code: ADA }],
    ['the code', { sid: '012345', code: '012345' }], ['null', null], ['nothing', ''],
  ])('nothing is read from a gateway\'s answer that has %s (N-12, R-14)', async (_, body) => {
    gateway.answer(reply(201, body))
    expect(await sendBy(twilio())).toEqual({})
    gateway.answer(reply(400, body))
    expect(await failureOf(sendBy(twilio()))).toMatchObject({ providerCode: 'http_400' })
  })

  it('nothing of a gateway\'s answer is read from a prototype (N-12)', async () => {
    gateway.answer(reply(201, {}))
    expect(await sendBy(sender({ expectStatus: 201, answer: { id: 'constructor.name' } }))).toEqual({})
  })
})

describe('A + that would arrive as a space', () => {
  it.each<[string, Partial<HttpSenderOptions>]>([
    ['a form', { payload: 'Body=$ctx.msg&To=$ctx.num&From=+15005550006' }], ['a form, for a space', { payload: 'to=$ctx.num&text=Your+code+$ctx.otp' }],
    ['a query', { url: 'https://gateway.example/send?from=+15005550006' }],
  ])('a + that would arrive as a space is refused at start-up, with what to write: in %s (N-12)', (_, options) => {
    expect(() => sender(options)).toThrow(/a \+ arrives as a space\. Write %2B for the sign/)
  })

  it('a + is a sign like others where it arrives as it is (N-12)', () => {
    for (const options of [json('{"to":"$ctx.num","text":"$ctx.msg","from":"+1"}'), { payload: 'to=$ctx.num&text=$ctx.msg&from=%2B1' }, { url: `${gateway.url}/a+b` }]) {
      expect(() => sender(options)).not.toThrow()
    }
  })
})
