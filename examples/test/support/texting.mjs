// An app that texts codes to whom it is told to. Its budgets are so small that a test can spend them.
import express from 'express'
import { createPool } from 'mysql2/promise'
import { RedisChallengeStore, SmsOtp } from 'passport-sms-otp'
import { mysql } from 'passport-sql-stores/mysql'
import { postgres } from 'passport-sql-stores/postgres'
import { sqlite } from 'passport-sql-stores/sqlite'
import pg from 'pg'
import { createClient } from 'redis'

const { REDIS_URL, REDIS_PREFIX, DATABASE_URL = '' } = process.env

// What is looked at are the budgets. A busy machine takes its time.
const timeout = 30_000

const databases = {
  'postgres:': () => postgres({ pool: new pg.Pool({ connectionString: DATABASE_URL }), timeout }),
  'mysql:': () => mysql({ pool: createPool({ uri: DATABASE_URL }), timeout }),
  'file:': () => sqlite({ file: DATABASE_URL.slice('file:'.length), timeout }),
}

async function challengeStore() {
  if (REDIS_URL) return new RedisChallengeStore({ client: await createClient({ url: REDIS_URL }).connect(), prefix: REDIS_PREFIX })
  const database = databases[new URL(DATABASE_URL).protocol]()
  await database.migrate()
  return database.challenges()
}

const otp = new SmsOtp({
  appName: 'Acme',
  secret: 'Hk4f9Lq2Zr7Xw1Nc8Vb3Tj6Ym5Ps0Dg2',
  store: await challengeStore(),
  storeTimeout: '30s',
  countries: ['GB'],
  delays: [],
  sendLimits: { phone: { '1h': 5 }, ip: { '1h': 10 } },
  sender: { name: 'printed', send: async ({ to }) => { console.log(`texted ${to}`) } },
})

const app = express()
app.use(express.json())
app.post('/texts', async (req, res) => {
  res.json(await otp.issue({ ...req.body, purpose: 'login', ip: req.ip }))
})
const server = app.listen(0, '127.0.0.1', () => console.log(`http://localhost:${server.address().port}\n`))
