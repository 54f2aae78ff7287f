import { Router } from 'express'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { users } from './users.mjs'

passport.use(new LocalStrategy((username, password, done) => {
  const user = users.find((one) => one.username === username)
  if (!user?.checkPassword(password)) return done(null, false, { message: 'Incorrect username or password.' })
  done(null, user)
}))
passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, users.find((one) => one.id === id) ?? false))

export const authRoutes = Router()

authRoutes.get('/login', (req, res) => res.render('login', { csrfToken: req.csrfToken() }))

authRoutes.post('/login/password', passport.authenticate('local', { successRedirect: '/', failureRedirect: '/login' }))

authRoutes.post('/logout', (req, res, next) => {
  req.logout((error) => {
    if (error) return next(error)
    res.redirect('/')
  })
})
