import type { Express as ExpressApp } from 'express'

/** A request that has read its session, and writes it back when told to. */
export function slowWriter() {
  let let_: () => void = () => {}
  let reached: () => void = () => {}
  const inside = new Promise<void>((resolve) => { reached = resolve })
  const go = new Promise<void>((resolve) => { let_ = resolve })
  return { inside, finish: () => let_(), routes: (app: ExpressApp) => app.get('/slow', async (req, res) => {
    reached()
    await go
    ;(req.session as any).touched = true
    res.json({})
  }) }
}
