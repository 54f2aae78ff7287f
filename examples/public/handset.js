// Shows texts and prompts as they arrive. Without it, a reload does.
const list = document.getElementById('texts')
const address = location.search

const show = (texts) => {
  const shown = new Set([...list.children].map((item) => item.dataset.key))
  document.getElementById('empty').hidden = texts.length > 0
  list.prepend(...texts.filter((text) => !shown.has(keyOf(text))).map(entry).reverse())
}

// Nobody gets two texts at one moment.
const keyOf = ({ to, at }) => `${to} ${at}`

const entry = (text) => {
  const { to, body, at } = text
  const item = document.getElementById('text').content.cloneNode(true)
  item.firstElementChild.dataset.key = keyOf(text)
  item.querySelector('span').textContent = text.channel === 'voice' ? `${to} · call` : to
  item.querySelector('time').dateTime = at
  item.querySelector('time').textContent = `${at.slice(11, 19)} UTC`
  item.querySelector('.bubble').textContent = body
  return item
}

const json = async (path) => (await fetch(path + address, { headers: { Accept: 'application/json' } })).json()
const refresh = async () => show(await json('/handset/messages'))

// Operators say nothing when they ask: they are looked at while this page is open.
const prompts = document.getElementById('prompts')
const promptEntry = ({ id, msisdn, operator, bindingMessage, loa }) => {
  const item = document.getElementById('prompt').content.cloneNode(true)
  item.firstElementChild.dataset.key = id
  item.querySelector('.msisdn').textContent = msisdn
  item.querySelector('.operator').textContent = operator
  item.querySelector('.bubble span').textContent = bindingMessage ? 'Confirm at Acme?' : 'Log in at Acme?'
  item.querySelector('.binding').textContent = bindingMessage ?? ''
  if (loa < 3) item.querySelector('label').remove()
  item.querySelector('form').action = `/handset/prompts/${id}/approve`
  item.querySelector('.quiet').formAction = `/handset/prompts/${id}/deny`
  return item
}
const showPrompts = (open) => {
  for (const item of [...prompts.children]) if (!open.some(({ id }) => id === item.dataset.key)) item.remove()
  const shown = new Set([...prompts.children].map((item) => item.dataset.key))
  prompts.append(...open.filter(({ id }) => !shown.has(id)).map(promptEntry))
  document.getElementById('no-prompts').hidden = open.length > 0
}
const msisdn = address.replace(/^\?to=/, '?msisdn=')
const look = async () => {
  if (document.visibilityState === 'visible') await fetch(`/handset/prompts${msisdn}`).then((answer) => answer.json()).then(showPrompts).catch(() => {})
  setTimeout(look, 1000)
}
setTimeout(look, 1000)

// An event only says that there is something new: the list is read again, so that nothing is missed while the line was down.
const events = new EventSource('/handset/events')
events.addEventListener('message', refresh)
events.addEventListener('open', refresh)
document.getElementById('live').textContent = 'It shows what is new as it comes.'

const renew = async () => {
  const { authenticators } = await json('/handset')
  for (const { account, code, secondsLeft } of authenticators) {
    const place = document.querySelector(`[data-account="${account}"]`)
    place.querySelector('.code').textContent = code
    place.querySelector('.seconds').textContent = secondsLeft
  }
}

const tick = async () => {
  const places = [...document.querySelectorAll('.seconds')]
  for (const place of places) place.textContent = Math.max(0, Number(place.textContent) - 1)
  if (places.some((place) => place.textContent === '0')) await renew().catch(() => {})
  setTimeout(tick, 1000)
}
setTimeout(tick, 1000)
