// A to-do list with a login as most tutorials have it: passport-local, EJS, a CSRF token in each form.
// `node app.mjs`, then log in as ada / lovelace.
import ejs from 'ejs'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { authRoutes } from './auth.mjs'
import { csrf } from './csrf.mjs'
import { todoRoutes } from './todos.mjs'

const app = express()
app.engine('ejs', ejs.renderFile)
app.set('view engine', 'ejs')
app.set('views', new URL('views', import.meta.url).pathname)

app.use(express.urlencoded({ extended: false }))
app.use(session({ secret: process.env.SESSION_SECRET ?? 'keyboard cat', resave: false, saveUninitialized: false }))
app.use(passport.session())
app.use(csrf)
app.use('/', todoRoutes)
app.use('/', authRoutes)

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`http://localhost:${server.address().port}/`)
})
