#!/usr/bin/env node
import { sendTest } from './send-test.js'

sendTest(process.argv.slice(2), { env: process.env, print: (line) => { process.stdout.write(`${line}\n`) } }).then((status) => {
  process.exitCode = status
}, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
})
