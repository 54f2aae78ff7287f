// Members with an address and a password, kept as MongoDB keeps them: ids are objects in `_id`, the login is at
// /users/login, and messages are flashed. `node app.mjs`, then log in as ada@example.org / lovelace.
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { flash } from './flash.mjs'
import { User } from './user.mjs'
import { dashboardRoutes } from './dashboard.mjs'
import { userRoutes } from './users.mjs'

passport.use(new LocalStrategy({ usernameField: 'email' }, async (email, password, done) => {
  try {
    const user = await User.findOne({ email })
    done(null, user?.password === password && user, { message: 'Email or password incorrect' })
  } catch (error) {
    done(error)
  }
}))
passport.serializeUser((user, done) => done(null, String(user._id)))
passport.deserializeUser((id, done) => User.findById(id).then((user) => done(null, user), done))

const app = express()
app.use(express.urlencoded({ extended: true }))
app.use(session({ secret: process.env.SESSION_SECRET ?? 'keyboard cat', resave: true, saveUninitialized: true }))
app.use(passport.initialize())
app.use(passport.session())
app.use(flash)
app.use('/users', userRoutes)
app.use('/dashboard', dashboardRoutes)

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`http://localhost:${server.address().port}/dashboard`)
})
