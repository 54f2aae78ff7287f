/**
 * What the page of a silent factor does where the phone's wallet can answer (Digital Credentials API). The link with
 * `data-wallet` leads on without one. All that goes wrong goes on there, or by the form or link with `data-instead`:
 * nobody is left on this page.
 *
 * 1. `GET <link>&wallet=ask` as JSON gives the address to go on at. Its fragment has the request to the wallet.
 * 2. What the wallet presents is posted by the form with `data-presented`, with the `state` of that address.
 */
const source = String.raw`'use strict'
;(() => {
  const find = (name) => document.querySelector('[data-' + name + ']')
  const link = find('wallet')
  const form = find('presented')
  let timer
  let hasLeft
  const limit = (seconds, act) => {
    clearTimeout(timer)
    timer = setTimeout(act, seconds * 1000)
  }
  const leave = (act) => {
    clearTimeout(timer)
    if (!hasLeft) act()
    hasLeft = true
  }
  addEventListener('pagehide', () => clearTimeout(timer))
  const goOn = (address) => leave(() => location.replace(address))
  // What this page began with may be used up: then only another factor leads on.
  const giveUp = () => leave(() => {
    const way = find('instead') || link
    if (way.requestSubmit) way.requestSubmit()
    else way.click()
  })

  // Android alone has a wallet that knows its SIM. Elsewhere the browser would ask for another device.
  const { DigitalCredential: wallet, navigator } = window
  const may = wallet && wallet.userAgentAllowsProtocol && wallet.userAgentAllowsProtocol('openid4vp-v1-unsigned')
  if (!may || !/Android/.test(navigator.userAgent) || link.origin !== origin) return goOn(link.href)

  const post = (state, token) => leave(() => {
    form.state.value = state
    form.vp_token.value = token
    form.submit()
  })

  const present = async (next, request, isClicked) => {
    const waiting = new AbortController()
    const began = Date.now()
    limit(60, () => waiting.abort())
    try {
      const { data } = await navigator.credentials.get({ digital: { requests: [request] }, signal: waiting.signal })
      const [[token]] = Object.values((data.vp_token ? data : JSON.parse(data)).vp_token)
      post(next.searchParams.get('state'), token)
    } catch ({ name }) {
      // A browser that refuses at once wants a click first.
      if (isClicked || name !== 'NotAllowedError' || Date.now() - began > 500) return goOn(next)
      limit(10, () => goOn(next))
      link.onclick = (event) => {
        event.preventDefault()
        link.onclick = null
        present(next, request, true)
      }
    }
  }

  limit(5, giveUp)
  fetch(link.href + '&wallet=ask', { headers: { accept: 'application/json' } })
    .then((answer) => answer.json())
    .then(({ url }) => {
      const next = new URL(url)
      const [, request] = next.hash.split('=')
      if (hasLeft) return
      if (request && next.origin === origin) present(next, JSON.parse(decodeURIComponent(request)))
      else goOn(next)
    })
    .catch(giveUp)
})()
`

/** The script as it is sent: without its comments and its indentation. */
export const walletScript = source.replace(/^ +(?:\/\/.*\n)?/gm, '')
