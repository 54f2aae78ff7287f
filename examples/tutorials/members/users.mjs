import { Router } from 'express'
import passport from 'passport'

export const userRoutes = Router()

userRoutes.get('/login', (req, res) => res.send(`${req.flash('error').join(' ')}
<form method="post"><input name="email" type="email"> <input name="password" type="password"> <button>Log in</button></form>`))

userRoutes.post('/login', passport.authenticate('local', {
  successRedirect: '/dashboard', failureRedirect: '/users/login', failureFlash: true,
}))

userRoutes.get('/logout', (req, res, next) => {
  req.logout((error) => {
    if (error) return next(error)
    req.flash('error', 'You are logged out')
    res.redirect('/users/login')
  })
})
