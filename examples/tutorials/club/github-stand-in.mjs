import { Router } from 'express'

const routes = Router()
routes.get('/authorize', ({ query }, res) => res.redirect(`${query.redirect_uri}?code=1&state=${query.state ?? ''}`))
routes.post('/token', (req, res) => res.json({ access_token: '1', token_type: 'bearer' }))
routes.get('/user', (req, res) => res.json({ id: 1815, login: 'ada' }))

/** Plays GitHub where no application is registered there. Everybody is ada. */
export const standIn = {
  routes,
  addresses: (url) => (process.env.GITHUB_CLIENT_ID ? {} : {
    authorizationURL: `${url}/github/authorize`, tokenURL: `${url}/github/token`, userProfileURL: `${url}/github/user`,
  }),
}
