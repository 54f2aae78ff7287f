/** What the pages do better with JavaScript. Everything works without it. */
export const code = String.raw`'use strict'
;(() => {
  const codeFields = 'input[autocomplete="one-time-code"]'

  // One click, one post; and a code without the spaces and dashes it was read or pasted with.
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (form.hasAttribute('aria-busy')) return event.preventDefault()
    form.setAttribute('aria-busy', 'true')
    for (const field of form.querySelectorAll(codeFields)) field.value = field.value.replace(/[\s\p{Pd}]/gu, '')
  })

  // The Back button may bring a page back as it was left.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    for (const form of document.forms) form.removeAttribute('aria-busy')
  })

  const clockError = Date.now() - Date.parse(document.documentElement.dataset.now)
  const minutes = (seconds) => Math.floor(seconds / 60) + ':' + String(seconds % 60).padStart(2, '0')

  const countDown = (form) => {
    const button = form.querySelector('button')
    const note = form.querySelector('.note')
    const until = Date.parse(form.dataset.resendAt) + clockError
    const tick = () => {
      const seconds = Math.ceil((until - Date.now()) / 1000)
      button.disabled = seconds > 0
      note.hidden = !button.disabled
      if (!button.disabled) return
      note.querySelector('span').textContent = minutes(seconds)
      setTimeout(tick, 1000)
    }
    tick()
  }
  for (const form of document.querySelectorAll('form[data-resend-at]')) countDown(form)

  // WebOTP: the browser offers the code of a text whose last line names this site.
  const field = document.querySelector('input[data-texted]')
  if (!field || !('OTPCredential' in window)) return
  const waiting = new AbortController()
  field.form.addEventListener('submit', () => waiting.abort())
  addEventListener('pagehide', () => waiting.abort())
  navigator.credentials.get({ otp: { transport: ['sms'] }, signal: waiting.signal }).then((credential) => {
    if (!credential || !credential.code) return
    field.value = credential.code
    field.form.requestSubmit()
  }).catch(() => {})
})()
`
