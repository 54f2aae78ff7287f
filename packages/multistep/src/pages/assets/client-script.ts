/** What the pages do better with JavaScript. Everything works without it. */
export const code = String.raw`'use strict'
;(() => {
  const all = (selector) => document.querySelectorAll(selector)
  const announce = (text) => { document.getElementById('status').textContent = text || '' }

  // The server's clock counts: the visitor's may be wrong.
  const clockError = Date.now() - Date.parse(document.documentElement.dataset.now)
  const secondsTo = (instant) => Math.ceil((Date.parse(instant) + clockError - Date.now()) / 1000)
  const clockTime = (seconds) => {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
    const rest = String(seconds % 60).padStart(2, '0')
    return hours > 0 ? hours + ':' + String(minutes).padStart(2, '0') + ':' + rest : minutes + ':' + rest
  }
  const countDown = (instant, shown, over) => {
    let timer
    const tick = () => {
      const seconds = secondsTo(instant)
      if (!(seconds > 0)) return over()
      if (shown) shown.textContent = clockTime(seconds)
      timer = setTimeout(tick, 1000)
    }
    tick()
    return () => clearTimeout(timer)
  }

  // An inactive button keeps the focus and says why when it is pressed.
  const buttonOf = (form) => form.querySelector('button[type="submit"]')
  const isInactive = (form) => buttonOf(form).getAttribute('aria-disabled') === 'true'
  const activate = (form, active) => {
    for (const button of form.querySelectorAll('button[type="submit"]')) {
      if (active) button.removeAttribute('aria-disabled')
      else button.setAttribute('aria-disabled', 'true')
    }
  }
  const reasonOf = (form) => {
    const note = form.querySelector('.note:not([hidden])') || document.getElementById('problem')
    return form.dataset.reason || (note && note.textContent)
  }

  // The form that led to this page. Browsers may forbid to keep anything.
  const lastForm = {
    keep: (action) => { try { sessionStorage.setItem('multistep', action) } catch {} },
    take: () => {
      try {
        const action = sessionStorage.getItem('multistep')
        sessionStorage.removeItem('multistep')
        return action
      } catch {}
    },
  }
  const cameFrom = lastForm.take()

  // One click, one post; and a code without the spaces and dashes it was read or pasted with.
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (isInactive(form)) {
      announce(reasonOf(form))
      return event.preventDefault()
    }
    if (form.hasAttribute('aria-busy')) return event.preventDefault()
    form.setAttribute('aria-busy', 'true')
    lastForm.keep(form.action)
    for (const field of form.querySelectorAll('input.code')) field.value = field.value.replace(/[\s\p{Pd}]/gu, '')
  })
  // The Back button may bring a page back as it was left.
  addEventListener('pageshow', (event) => {
    if (event.persisted) for (const form of document.forms) form.removeAttribute('aria-busy')
  })

  const wait = (form) => {
    const note = form.querySelector('.note')
    const release = () => {
      stop()
      activate(form, true)
      if (note && note.querySelector('span')) note.hidden = true
    }
    const over = () => {
      activate(form, true)
      if (note && note.querySelector('span')) note.hidden = true
      announce(form.dataset.announce)
    }
    activate(form, false)
    const stop = countDown(form.dataset.wait, note && note.querySelector('span'), over)
    // A lock is for one account: another name may try.
    form.addEventListener('input', (event) => { if (event.target.autocomplete === 'username') release() })
  }
  all('form[data-wait]').forEach(wait)

  // A person whose operator does not answer goes on with the next factor.
  for (const way of all('[data-after]')) {
    const goOn = () => (way.requestSubmit ? way.requestSubmit() : way.click())
    const timer = setTimeout(goOn, way.dataset.after * 1000)
    addEventListener('pagehide', () => clearTimeout(timer))
  }

  for (const place of all('[data-until]')) {
    countDown(place.dataset.until, place.querySelector('span'), () => { place.hidden = true })
  }

  for (const form of all('form[data-life]')) {
    const left = form.querySelector('[data-left]')
    countDown(form.dataset.life, left && left.querySelector('span'), () => {
      if (left) left.textContent = form.dataset.over
      form.dataset.reason = form.dataset.over
      activate(form, false)
      announce(form.dataset.over)
      form.dispatchEvent(new Event('expired'))
    })
  }

  // A code that was pasted or filled in whole is posted by itself: once, and never past a box that the person may want
  // to tick.
  const digitsIn = (text) => text.normalize('NFKC').replace(/[^\p{Nd}]/gu, '')
  const goesByItself = (form) => !form.querySelector('input[type="checkbox"]') && !isInactive(form)
  for (const field of all('input[data-digits]')) {
    let before = field.value
    field.addEventListener('input', (event) => {
      const isTyped = event.inputType === 'insertText' && [...field.value].length - [...before].length < 2
      const isRemoved = field.value.length < before.length
      before = field.value
      const whole = digitsIn(field.value).length === Number(field.dataset.digits)
      if (!isTyped && !isRemoved && whole && goesByItself(field.form)) field.form.requestSubmit()
    })
  }

  // WebOTP: the browser offers the code of a text whose last line names this site.
  const field = document.querySelector('input[data-texted]')
  if (field && 'OTPCredential' in window) {
    const waiting = new AbortController()
    field.form.addEventListener('submit', () => waiting.abort())
    addEventListener('pagehide', () => waiting.abort())
    navigator.credentials.get({ otp: { transport: ['sms'] }, signal: waiting.signal }).then((credential) => {
      if (!credential || !credential.code) return
      field.value = credential.code
      if (goesByItself(field.form)) field.form.requestSubmit()
    }).catch(() => {})
  }

  // A page that waits for the person's phone asks the server how it stands, and goes on by itself.
  const poll = (form) => {
    let [timer, pause, isOver] = [0, 2, false]
    const later = (seconds) => {
      clearTimeout(timer)
      timer = setTimeout(ask, seconds * 1000)
    }
    const ask = async () => {
      if (isOver || document.hidden || form.hasAttribute('aria-busy')) return
      try {
        const answer = await fetch(form.action, {
          method: 'POST',
          headers: { accept: 'application/json', 'x-multistep-page': '1' },
          body: new URLSearchParams(new FormData(form)),
        })
        const wait = Number(answer.headers.get('retry-after'))
        const state = await answer.json()
        if (answer.ok && wait > 0) return later(Math.max(wait, pause = Math.min(pause * 1.25, 15)))
        if (answer.status >= 500) return later(pause = Math.min(pause * 2, 60))
        isOver = true
        if (state.status === 'complete') location.assign(state.returnTo || form.dataset.done)
        else location.reload()
      } catch {
        later(pause = Math.min(pause * 2, 60))
      }
    }
    form.addEventListener('submit', () => clearTimeout(timer))
    form.addEventListener('expired', () => {
      isOver = true
      location.reload()
    })
    document.addEventListener('visibilitychange', () => later(0))
    later(pause)
  }
  for (const form of all('form[data-poll]')) poll(form)

  // A page that waits for news of a text asks for itself again, and changes what says how the text stands: never the
  // field that the person types into.
  const watch = () => {
    let [timer, pause, followed, isOver] = [0, 3, '', false]
    const place = () => document.querySelector('[data-watch]')
    const later = () => {
      clearTimeout(timer)
      if (!isOver && place()) timer = setTimeout(ask, pause * 1000)
      pause = Math.min(pause * 1.25, 15)
    }
    const follow = async (region) => {
      const form = region.querySelector('form')
      if (!form || !region.dataset.follow || region.dataset.follow === followed) return
      followed = region.dataset.follow
      const body = new URLSearchParams(new FormData(form))
      body.set('channel', 'next')
      await fetch(form.action, { method: 'POST', headers: { accept: 'application/json' }, body })
    }
    const show = (page) => {
      const live = [...all('[data-live]')]
      const fresh = live.map((one) => page.getElementById(one.id))
      if (fresh.includes(null)) {
        isOver = true
        if ([...all('input.code')].every((field) => field.value === '')) location.reload()
        return
      }
      live.forEach((one, index) => {
        const next = document.importNode(fresh[index], true)
        if (next.dataset.live === one.dataset.live) return
        const hadFocus = one.contains(document.activeElement)
        one.replaceWith(next)
        next.querySelectorAll('form[data-wait]').forEach(wait)
        if (hadFocus) (next.querySelector('button') || document.body).focus()
        const news = next.querySelector('[data-news]')
        if (news) announce(news.textContent)
      })
      document.querySelector('h1').textContent = page.querySelector('h1').textContent
    }
    const ask = async () => {
      if (document.hidden || document.querySelector('form[aria-busy]')) return later()
      try {
        await follow(place())
        const answer = await fetch(location.href, { headers: { accept: 'text/html', 'x-multistep-page': '1' } })
        if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), 'text/html'))
      } catch {}
      later()
    }
    addEventListener('pagehide', () => clearTimeout(timer))
    later()
  }
  watch()

  // A passkey: the browser asks the person, and the form posts its answer.
  for (const form of all('form[data-passkey]')) {
    const answer = form.querySelector('input[name="passkey"]')
    const failed = form.querySelector('[data-failed]')
    let isAsking = false
    // A page that the browser brings back may still hold an answer to a challenge that is over.
    const forget = () => { answer.value = '' }
    forget()
    addEventListener('pageshow', forget)
    const ask = async () => {
      const options = JSON.parse(form.dataset.options)
      const credential = form.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
      return JSON.stringify(credential.toJSON())
    }
    const prove = (isPressed) => {
      // A browser refuses a second request while it asks: a second click would tell the person that the first one failed.
      if (isAsking) return
      isAsking = true
      failed.hidden = true
      ask().then((text) => {
        answer.value = text
        form.requestSubmit()
      }).catch(() => { failed.hidden = !isPressed }).finally(() => { isAsking = false })
    }
    form.addEventListener('submit', (event) => {
      if (answer.value !== '') return
      event.preventDefault()
      event.stopPropagation()
      prove(true)
    })
    // The person has just chosen the passkey: they need not press a second button of the same words.
    if (cameFrom === form.action + '/challenge') prove(false)
  }

  // New recovery codes: copied, saved as a file, printed.
  const codes = [...all('.codes code')].map((one) => one.textContent).join('\n') + '\n'
  const download = (button) => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([codes], { type: 'text/plain' }))
    link.download = button.dataset.name
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  }
  const tools = {
    copy: (button) => navigator.clipboard.writeText(codes).then(() => {
      button.textContent = button.dataset.announce
      announce(button.dataset.announce)
    }).catch(() => getSelection().selectAllChildren(document.querySelector('.codes'))),
    download,
    print: () => print(),
  }
  for (const place of all('.tools')) place.hidden = false
  for (const button of all('[data-tool]')) {
    if (button.dataset.tool === 'copy' && !navigator.clipboard) button.hidden = true
    button.addEventListener('click', () => tools[button.dataset.tool](button))
  }
})()
`
