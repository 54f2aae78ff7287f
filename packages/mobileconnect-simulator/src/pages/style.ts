import { Markup } from '#internal/html'

export const style = new Markup(`:root {
  color-scheme: light dark;
  --page: #f3f4f6; --card: #ffffff; --text: #1b1f24; --quiet: #565e68; --line: #d8dce1; --edge: #767e88;
  --accent: #1d5bb8; --accent-strong: #164a98; --on-accent: #ffffff; --problem: #8a1c15; --problem-back: #fdeceb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121417; --card: #1c1f24; --text: #e8eaed; --quiet: #a9b1bb; --line: #343a42; --edge: #848d98;
    --accent: #8fb8f7; --accent-strong: #b0cdfa; --on-accent: #0e2340; --problem: #fab8b2; --problem-back: #3c1816;
  }
}
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; padding: clamp(0.75rem, 6vh, 4rem) 0.75rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 26rem; margin: 0 auto; padding: clamp(1.25rem, 6vw, 2rem); background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.01em; }
h2 { margin: 1.75rem 0 0.75rem; font-size: 1.0625rem; line-height: 1.4; }
a { color: var(--accent); }
p { margin: 0 0 1rem; }
.from { margin-bottom: 0.25rem; color: var(--quiet); font-size: 0.875rem; }
.note { color: var(--quiet); font-size: 0.875rem; }
.problem { padding: 0.75rem 1rem; background: var(--problem-back); color: var(--problem); border-left: 0.25rem solid; border-radius: 0.375rem; }
.binding { padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem; font-size: 1.25rem; font-weight: 600; text-align: center; }
.handset { margin: 0 0 1rem; padding: 1rem; border: 1px solid var(--line); border-radius: 0.5rem; }
.handset h2 { margin: 0 0 0.25rem; }
.handset > .note { margin-bottom: 0.5rem; }
.handset > :last-child, .prompt > :last-child { margin-bottom: 0; }
.prompt { margin-top: 0.75rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.text { margin-bottom: 0.5rem; padding: 0.5rem 0.75rem; background: var(--page); border-radius: 0.5rem; }
.quiet { color: var(--quiet); }
.row { display: flex; gap: 0.5rem; }
.row form { flex: 1; margin: 0; }
.row button { margin: 0; }
dl { margin: 0 0 1rem; }
dt { color: var(--quiet); font-size: 0.875rem; }
dd { margin: 0 0 0.5rem; }
code { font: 0.875rem/1.5 ui-monospace, monospace; }
form { margin: 0 0 0.5rem; }
label { display: block; margin-bottom: 0.25rem; font-weight: 600; font-size: 0.9375rem; }
input { width: 100%; min-height: 2.75rem; margin-bottom: 0.75rem; padding: 0.5rem 0.75rem; background: var(--card); color: inherit; border: 1px solid var(--edge); border-radius: 0.5rem; font: inherit; }
button { display: block; width: 100%; min-height: 2.75rem; margin-bottom: 0.5rem; padding: 0.5rem 1rem; background: none; color: var(--accent); border: 1px solid var(--edge); border-radius: 0.5rem; font: inherit; font-weight: 600; cursor: pointer; }
button:hover { border-color: var(--accent); text-decoration: underline; }
.primary { background: var(--accent); color: var(--on-accent); border-color: transparent; }
.primary:hover { background: var(--accent-strong); text-decoration: none; }
main > :last-child, form:last-child, button:last-child { margin-bottom: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`)
