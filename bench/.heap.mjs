import { Session } from 'node:inspector/promises'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SourceMap } from 'node:module'
import express from 'express'
import session from 'express-session'
import passportModule from 'passport'
import local from 'passport-local'
import { multistep, MemoryFlowStore } from 'multistep'
import { MemoryChallengeStore, SmsOtp, Strategy } from 'passport-sms-otp'
import { Agent, request } from 'node:http'
const passport=new passportModule.Passport()
const userOf=(n)=>({id:n,phone:`+4474${n.slice(4).padStart(8,'0')}`})
passport.serializeUser((u,d)=>d(null,u.id)); passport.deserializeUser((id,d)=>d(null,userOf(id)))
passport.use(new local.Strategy((n,p,d)=>d(null,userOf(n))))
const app=express(); app.use(session({secret:'x'.repeat(40),resave:false,saveUninitialized:false}),express.json())
const codes=new Map()
const otp=new SmsOtp({sender:{name:'o',development:true,send:async({to,code})=>{codes.set(to,code);return {}}},secret:randomBytes(48).toString('base64'),store:new MemoryChallengeStore({capacity:1e6})})
passport.use(new Strategy({otp}))
const login=multistep(passport,{steps:['local','sms-otp'],store:new MemoryFlowStore({capacity:1e6})})
app.use(login.session()); app.use('/login',login.router())
const server=app.listen(0,'127.0.0.1'); await new Promise(r=>server.on('listening',r))
const port=server.address().port
// the client in a child process so that only the server's allocations count
import { spawn } from 'node:child_process'
const client=spawn(process.execPath,['-e',`
const {request,Agent}=require('node:http');const agent=new Agent({keepAlive:true});
const post=(path,body,cookie)=>new Promise(r=>{const q=request({port:${port},agent,method:'POST',path,headers:{'content-type':'application/json',accept:'application/json',...(cookie?{cookie}:{})}},(res)=>{let t='';res.on('data',c=>t+=c);res.on('end',()=>r([res.statusCode,t,(res.headers['set-cookie']||[]).map(c=>c.split(';')[0]).join('; ')]))});q.end(JSON.stringify(body))})
process.on('message',async([name,code,cookie])=>{process.send(code?await post('/login/sms-otp',{code},cookie):await post('/login/local',{username:name,password:'right'}))})
`],{stdio:['ignore','inherit','inherit','ipc']})
const ask=(m)=>new Promise(r=>{client.once('message',r);client.send(m)})
let n=0
async function one(){ const name='user'+(++n); const a=await ask([name]); if(a[0]!==200) throw new Error(a.join()); const b=await ask([name,codes.get(userOf(name).phone),a[2]]); if(b[0]!==200||JSON.parse(b[1]).status!=='complete') throw new Error(b.join()) }
for(let i=0;i<400;i++) await one()
const s=new Session(); s.connect()
await s.post('HeapProfiler.startSampling',{samplingInterval:1024,includeObjectsCollectedByMajorGC:true,includeObjectsCollectedByMinorGC:true})
const N=400; for(let i=0;i<N;i++) await one()
const {profile}=await s.post('HeapProfiler.stopSampling')
const maps=new Map(); const mapOf=(url)=>{ if(!maps.has(url)){ try{ maps.set(url,new SourceMap(JSON.parse(readFileSync(fileURLToPath(url)+'.map','utf8')))) }catch{ maps.set(url,undefined)} } return maps.get(url)}
const where=({functionName,url,lineNumber,columnNumber})=>{ const m=url.startsWith('file:')&&mapOf(url); const e=m&&m.findEntry(lineNumber,columnNumber); const f=e&&e.originalSource?e.originalSource.split('/').slice(-4).join('/'):url.split('/').slice(-3).join('/'); return [f,`${functionName||'(anon)'} ${f}:${e&&e.originalLine!==undefined?e.originalLine+1:lineNumber+1}`] }
const byFn=new Map(),byFile=new Map(); let total=0
const incl=new Map()
const walk=(node,path)=>{ const size=node.selfSize; const [f,k]=where(node.callFrame); total+=size; byFn.set(k,(byFn.get(k)||0)+size); byFile.set(f,(byFile.get(f)||0)+size); let sub=size; const p=path.has(k)?path:new Set(path).add(k); for(const c of node.children) sub+=walk(c,p); if(!path.has(k)) incl.set(k,(incl.get(k)||0)+sub); return sub }
walk(profile.head,new Set())
const kb=(v)=>(v/N/1024).toFixed(2)
console.log('total KB/login',kb(total))
const top=(m,n)=>[...m].sort((a,b)=>b[1]-a[1]).slice(0,n).map(([k,v])=>kb(v)+' '+k).join('\n')
console.log('--files\n'+top(byFile,45)); console.log('--functions\n'+top(byFn,60)); console.log('--inclusive\n'+top(new Map([...incl].filter(([k])=>/packages|multistep|sms-otp/.test(k)||/src\//.test(k))),70))
client.kill(); server.close(); server.closeAllConnections()
