// The phone beside every page: texts and operators' questions as they come, each with what can be done about it.
const beside = document.getElementById('beside')
const people = JSON.parse(beside.dataset.people)
const place = (id) => document.getElementById(`beside-${id}`)
const make = (name, text, more = {}) => Object.assign(document.createElement(name), { textContent: text, ...more })

// Whose phone it is: of who is here, else of who was looked at last.
const here = people.find(({ isHere }) => isHere)
let whose = here?.id ?? window.sessionStorage.getItem('whose') ?? people[0].id
// By account. The page itself never says a whole number.
let phones = {}
// What the operators know of their subscribers.
let lines = []

const pick = (id) => {
  whose = id
  window.sessionStorage.setItem('whose', id)
  for (const button of place('whose').children) button.setAttribute('aria-pressed', String(button.textContent === id))
  place('arrivals').replaceChildren()
  refresh()
}

// A number that nobody has stands for a person without one.
const isTheirs = (number) => {
  const phone = phones[whose]
  return phone === undefined ? !Object.values(phones).includes(number) : phone === number
}

// Where there is no room beside the page.
const drawer = make('button', 'Phone', { type: 'button', className: 'drawer', ariaExpanded: 'false' })
const setDrawer = (isOpen) => {
  beside.classList.toggle('open', isOpen)
  drawer.ariaExpanded = String(isOpen)
  drawer.textContent = isOpen ? 'Close the phone' : 'Phone'
}
drawer.addEventListener('click', () => {
  beside.classList.add('moves')
  setDrawer(!beside.classList.contains('open'))
})
beside.before(drawer)

/** Where a code of the phone goes, or one of the sheet of paper: the page asks for one of them at a time. */
const fieldFor = { phone: 'main input[name="code"]:not(.long)', paper: 'main input[name="code"].long' }

// Codes that were filled in: each is good once.
const spent = new Set(JSON.parse(window.sessionStorage.getItem('spent') ?? '[]'))

/** The code goes into the page, as a phone's keyboard would put it there. */
const fillIn = (code, field) => {
  setDrawer(false)
  spent.add(code)
  window.sessionStorage.setItem('spent', JSON.stringify([...spent].slice(-20)))
  field.value = code
  field.focus()
  field.dispatchEvent(new window.Event('input', { bubbles: true }))
}

const arrival = ({ key, from, when, said, code, kind = 'phone', answers = [], pin = false, isEarlier = false, isCall = false }) => {
  const item = place('arrival').content.cloneNode(true).firstElementChild
  item.classList.toggle('earlier', isEarlier)
  item.classList.toggle('call', isCall)
  item.dataset.key = key
  item.querySelector('.from span').textContent = from
  item.querySelector('.when').textContent = when
  item.querySelector('.said').append(...said)
  item.querySelector('form').hidden = !pin
  const field = code && document.querySelector(fieldFor[kind])
  const buttons = field ? [['Fill it in', () => fillIn(code, field)]] : answers
  item.querySelector('.answers').append(...buttons.map(([name, press]) => {
    const button = make('button', name, { type: 'button' })
    button.addEventListener('click', () => press(item))
    return button
  }))
  return item
}

const bold = (text, part) => {
  const [before, after] = text.split(part)
  return after === undefined ? [text] : [before, make('strong', part), after]
}

/** A code is filled in from the latest text alone: an earlier one is of another day. */
const ofText = ({ to, body, at, channel }, index) => {
  const isCall = channel === 'voice'
  const code = isCall ? /^\d(?:, \d)+$/m.exec(body)?.[0].replaceAll(', ', '') : /#(\w+)\s*$/.exec(body)?.[1]
  return {
    key: `${to} ${at}${index > 0 ? ' earlier' : ''}`, from: isCall ? 'Incoming call' : 'Messages', isCall, when: at.slice(11, 16), isEarlier: index > 0,
    said: code && !isCall ? bold(body.split('\n\n')[0], code) : [body], ...index === 0 && !spent.has(code) && { code },
  }
}

const answerTo = async (id, answer, item) => {
  const pin = item.querySelector('input').value
  const response = await fetch(`/handset/prompts/${id}/${answer}`, {
    method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/json' }, body: JSON.stringify({ ...pin && { pin } }),
  })
  if (response.ok) return refresh()
  item.querySelector('.said').replaceChildren((await response.json()).detail)
}

const ofPrompt = ({ id, operator, bindingMessage, loa }) => ({
  key: id, from: operator, when: 'asks', pin: loa >= 3,
  said: bindingMessage ? ['Confirm at Acme? ', make('strong', bindingMessage)] : ['Log in at Acme?'],
  answers: [['Yes', (item) => answerTo(id, 'approve', item)], ['No', (item) => answerTo(id, 'deny', item)]],
})

const ofAuthenticator = ({ account, code }) => ({ key: `${account} ${code}`, from: 'Authenticator', when: '', said: [make('strong', code)], code })

const ofSheet = ({ account, codes }) => ({
  key: `sheet ${account} ${codes[0]}`, from: 'A sheet of paper in the drawer', when: '', kind: 'paper', code: codes[0],
  said: [`${codes.length} recovery codes, for the day when the phone is lost: `, make('strong', codes[0]), ' …'],
})

const MOST_TEXTS = 3

/** Of a person whose number a simulated operator has. */
const lineOf = () => lines.find(({ msisdn }) => msisdn === phones[whose])

const switches = document.querySelectorAll('#beside-switches button')
const showSwitches = () => {
  const line = lineOf()
  place('switches').hidden = line === undefined
  if (line === undefined) return
  for (const button of switches) button.ariaPressed = String(line.choices[button.dataset.field] === button.dataset.value)
}
for (const button of switches) {
  button.addEventListener('click', async () => {
    const { change, field, value } = button.dataset
    await fetch(`/handset/lines/${encodeURIComponent(phones[whose])}/${change}`, {
      method: 'POST', headers: { Accept: 'application/json' }, body: new window.URLSearchParams({ [field]: value }),
    })
    refresh()
  })
}

const happening = ({ number, at, event, says, look }) => {
  const item = make('li', '', { className: look })
  item.dataset.number = number
  item.append(make('time', at.slice(11, 19), { dateTime: at }), ' ', make('strong', event), ' ', make('span', says))
  return item
}

/** The latest on top. What is there already stays. */
const showHappenings = (all) => {
  const log = place('log')
  if (!log) return
  place('happened').hidden = all.length === 0
  const shown = new Set([...log.children].map((item) => item.dataset.number))
  for (const item of [...log.children]) if (!all.some(({ number }) => String(number) === item.dataset.number)) item.remove()
  log.prepend(...all.filter(({ number }) => !shown.has(String(number))).map(happening).reverse())
}

const spaced = (number) => number.replace(/^(\+44)(\d{4})/, '$1 $2 ')

const refresh = async () => {
  const response = await fetch('/handset', { headers: { Accept: 'application/json' } }).catch(() => undefined)
  if (!response?.ok) return
  const { texts, prompts, authenticators, recoveryCodes, happenings, ...all } = await response.json()
  phones = all.phones
  lines = all.lines
  const network = { mobile: ' · mobile data', wifi: ' · Wi-Fi' }[lineOf()?.network] ?? ''
  place('number').textContent = phones[whose] ? spaced(phones[whose]) + network : 'No number yet. This one is free: +44 7400 123499'
  showSwitches()
  showHappenings(happenings[whose] ?? [])
  const wanted = [
    ...prompts.filter(({ msisdn }) => isTheirs(msisdn)).map(ofPrompt),
    ...texts.filter(({ to }) => isTheirs(to)).slice(-MOST_TEXTS).reverse().map(ofText),
    ...authenticators.filter(({ account }) => account === whose).map(ofAuthenticator),
    ...recoveryCodes.filter(({ account }) => account === whose).map(ofSheet),
  ]
  const list = place('arrivals')
  const shown = new Map([...list.children].map((item) => [item.dataset.key, item]))
  for (const [key, item] of shown) if (!wanted.some((one) => one.key === key)) item.remove()
  // What is there already is not touched: it keeps what was typed into it, and is not announced again.
  for (const [index, one] of wanted.entries()) if (!shown.has(one.key)) list.insertBefore(arrival(one), list.children[index] ?? null)
  place('nothing').hidden = wanted.length > 0
}

const tick = () => {
  place('clock').textContent = new Date().toTimeString().slice(0, 5)
  // Operators do not say when they ask, and authenticators change by themselves.
  if (document.visibilityState === 'visible') refresh()
}

/** Fills in the account that was pressed. */
const fillInAccount = () => {
  const account = people.find(({ id }) => `#${id}` === location.hash)
  const field = document.querySelector('main input[name="username"]')
  if (!account || !field) return
  field.value = account.id
  document.querySelector('main input[name="password"]').value = account.password
  field.form.querySelector('button').focus()
  pick(account.id)
}

document.documentElement.classList.add('with-script')
for (const { id } of people) {
  const button = make('button', id, { type: 'button' })
  button.addEventListener('click', () => pick(id))
  place('whose').append(button)
}
place('whose').hidden = false
place('phone').hidden = false
pick(whose)
fillInAccount()
window.addEventListener('hashchange', fillInAccount)
const everySecond = () => {
  tick()
  setTimeout(everySecond, 1000)
}
everySecond()
new EventSource('/handset/events').addEventListener('message', refresh)
