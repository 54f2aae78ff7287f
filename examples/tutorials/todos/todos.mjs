import { Router } from 'express'

export const todoRoutes = Router()

todoRoutes.get('/', (req, res) => {
  if (!req.user) return res.redirect('/login')
  res.render('todos', { user: req.user, csrfToken: req.csrfToken() })
})

todoRoutes.post('/', (req, res) => {
  if (!req.isAuthenticated()) return res.redirect('/login')
  req.user.todos.push(req.body.title)
  res.redirect('/')
})
