import ldap from 'ldapjs'
import type { Person } from './app.js'

/** A directory (RFC 4511) on loopback with these people, who bind with their passwords. */
export async function directory(users: Readonly<Record<string, Person>>) {
  const server = ldap.createServer()
  const reader = { bindDN: 'cn=reader', bindCredentials: 'a password of the app' }
  server.bind(reader.bindDN, (req: any, res: any, next: any) => {
    if (req.credentials !== reader.bindCredentials) return next(new ldap.InvalidCredentialsError())
    res.end()
    next()
  })
  server.search('ou=people', (req: any, res: any, next: any) => {
    for (const { name } of Object.values(users)) {
      const entry = { dn: `uid=${name},ou=people`, attributes: { uid: name, objectclass: ['person'] } }
      if (req.filter.matches(entry.attributes)) res.send(entry)
    }
    res.end()
    next()
  })
  server.bind('ou=people', (req: any, res: any, next: any) => {
    const [, name = ''] = /uid=(\w+)/.exec(String(req.dn)) ?? []
    if (users[name]?.password !== req.credentials) return next(new ldap.InvalidCredentialsError())
    res.end()
    next()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    settings: { url: server.url, ...reader, searchBase: 'ou=people', searchFilter: '(uid={{username}})' },
    close: async () => new Promise<void>((resolve) => { server.close(() => resolve()) }),
  }
}
