/**
 * Runs before each test file, and before the app in processes that tests start. A server of Node closes a connection that was idle for five seconds.
 * On a busy machine the client has just sent its next request there, and a test fails for a reason that has nothing to do with it. Here a server
 * keeps a connection until the client closes it, or until the server itself is closed.
 */
import http from 'node:http'
import { syncBuiltinESMExports } from 'node:module'

// Test files have a registry of modules each, but `node:http` is the same object for all files of a worker.
const kept = Symbol.for('patient-servers')
const whole = http as unknown as Record<symbol, typeof http.createServer | undefined>
const createServer = whole[kept] ??= http.createServer

http.createServer = ((...given: Parameters<typeof createServer>) => Object.assign(createServer(...given), { keepAliveTimeout: 0 })) as typeof createServer
syncBuiltinESMExports()
