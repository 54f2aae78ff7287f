import { Router } from 'express'

const ensureAuthenticated = (req, res, next) => {
  if (req.isAuthenticated()) return next()
  req.flash('error', 'Please log in to view that resource')
  res.redirect('/users/login')
}

export const dashboardRoutes = Router()

dashboardRoutes.get('/', ensureAuthenticated, (req, res) => res.send(`Welcome ${req.user.name}`))
