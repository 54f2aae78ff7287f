import { createHash, createHmac, randomBytes } from 'node:crypto'
import express from 'express'
import { listening } from './network.js'
import type { Answer } from './visitor.js'

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token signed by HMAC with SHA-256 (RFC 7515). */
export function signedToken(claims: object, secret: string): string {
  const head = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
}

/**
 * Authorization by code (RFC 6749 §4.1, RFC 7636), with a profile that has each name under which the large providers tell who a person is.
 * Each code is good once, for the client and the address that it was asked for with.
 */
export async function socialProvider(client: { id: string, secret: string }) {
  const codes = new Map<string, { name: string, redirectUri: string | null, challenge: string | null }>()
  const tokens = new Map<string, string>()
  const app = express()
  app.use(express.urlencoded({ extended: false }))
  app.post('/token', (req, res) => {
    const { code, client_id: id, redirect_uri: redirectUri, code_verifier: verifier = '' } = req.body as Record<string, string>
    const granted = codes.get(code ?? '')
    codes.delete(code ?? '')
    const isProven = granted?.challenge === null || granted?.challenge === createHash('sha256').update(verifier).digest('base64url')
    if (!granted || id !== client.id || granted.redirectUri !== redirectUri || !isProven) return void res.status(400).json({ error: 'invalid_grant' })
    const token = randomBytes(16).toString('hex')
    tokens.set(token, granted.name)
    res.json({ access_token: token, token_type: 'Bearer', expires_in: 60, id_token: signedToken({ sub: granted.name, aud: id }, client.secret) })
  })
  app.get('/me', (req, res) => {
    const name = tokens.get(typeof req.query.access_token === 'string' ? req.query.access_token : req.headers.authorization?.split(' ')[1] ?? '')
    if (name === undefined) return void res.status(401).json({})
    res.json({ sub: name, id: name, user_id: name, login: name, name })
  })
  const server = await listening(app)
  return {
    ...server,
    /** What the provider sends back once this person has agreed there. */
    async signIn(url: string, name: string): Promise<Answer> {
      const asked = new URL(url).searchParams
      if (asked.get('client_id') !== client.id) throw new Error('The provider does not know that client.')
      const code = randomBytes(16).toString('hex')
      codes.set(code, { name, redirectUri: asked.get('redirect_uri'), challenge: asked.get('code_challenge') })
      const answer = { code, ...(asked.has('state') ? { state: asked.get('state')! } : {}) }
      const address = asked.get('redirect_uri') ?? ''
      if (asked.get('response_mode') === 'form_post') return { address, form: answer }
      return { address: `${address}?${new URLSearchParams(answer).toString()}` }
    },
  }
}
