export const style = `:root {
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
h1 { hyphens: auto; margin: 0 0 1.25rem; font-size: 1.625rem; line-height: 1.25; letter-spacing: -0.01em; }
h2 { margin: 0 0 0.75rem; font-size: 1.0625rem; line-height: 1.4; }
p { margin: 0 0 1rem; }
.step { margin-bottom: 0.25rem; }
.step, .hint, .note, dt { color: var(--quiet); font-size: 0.875rem; }
.hint { font-weight: 400; }
.hint, .whole { display: inline-block; max-width: 100%; }
.note { margin: 0.375rem 0 0; }
.problem { margin-bottom: 1.25rem; padding: 0.75rem 1rem; background: var(--problem-back); color: var(--problem); border-left: 0.25rem solid; border-radius: 0.375rem; }
.problem p { margin: 0; }
.binding { padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem; font-size: 1.25rem; font-weight: 600; text-align: center; }
dl { margin: 0 0 1.5rem; padding: 0.25rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem; }
dl div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: 0.375rem 0; }
dl div + div { border-top: 1px solid var(--line); }
dd { margin: 0; font-weight: 600; white-space: pre-wrap; }
form { margin: 0; }
.field { margin-bottom: 1rem; }
label { display: block; margin-bottom: 0.25rem; font-weight: 600; font-size: 0.9375rem; }
input { width: 100%; min-height: 2.75rem; padding: 0.5rem 0.75rem; background: var(--card); color: inherit; border: 1px solid var(--edge); border-radius: 0.5rem; font: inherit; }
label.check { display: flex; gap: 0.625rem; align-items: flex-start; margin-bottom: 1rem; font-weight: 400; }
input[type="checkbox"] { flex: none; width: 1.25rem; min-height: 1.25rem; height: 1.25rem; margin: 0.0625rem 0 0; accent-color: var(--accent); }
.devices li { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 0.5rem 1rem; padding: 0.75rem 0; border-top: 1px solid var(--line); }
.devices { margin-bottom: 1.5rem; border-bottom: 1px solid var(--line); }
.devices li + li { margin-top: 0; }
.devices p { margin: 0; }
.devices form .plain { width: auto; border-color: var(--edge); }
ul.codes { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.25rem 1rem; margin-bottom: 1.5rem; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem; user-select: all; }
.codes li { margin: 0; text-align: center; white-space: nowrap; }
code { font: 600 1.125rem/1.6 ui-monospace, monospace; letter-spacing: 0.05em; }
input[autocomplete="one-time-code"] { font-size: 1.25rem; font-variant-numeric: tabular-nums; letter-spacing: 0.15em; }
button, a.primary { display: block; width: 100%; min-height: 2.75rem; padding: 0.5rem 1rem; border: 1px solid transparent; border-radius: 0.5rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
.primary { background: var(--accent); color: var(--on-accent); }
.primary:hover { background: var(--accent-strong); }
.plain { background: none; color: var(--accent); }
.edged { border-color: var(--edge); }
.plain:hover { text-decoration: underline; }
.plain:disabled { color: var(--quiet); text-decoration: none; cursor: default; }
form + form { margin-top: 0.5rem; }
.note + form { margin-top: 1rem; }
main > :last-child { margin-bottom: 0; }
form .plain + .note { margin: 0; text-align: center; }
[aria-busy] button { opacity: 0.6; cursor: progress; }
nav { margin-top: 1.75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
nav h2 { color: var(--quiet); font-size: 0.9375rem; font-weight: 400; }
ul { margin: 0; padding: 0; list-style: none; }
li + li { margin-top: 0.5rem; }
nav a, nav .primary { display: block; width: 100%; min-height: 2.75rem; padding: 0.5625rem 1rem; background: none; color: var(--accent); border: 1px solid var(--edge); border-radius: 0.5rem; font-weight: 600; text-align: center; text-decoration: none; }
nav a:hover, nav .primary:hover { background: none; border-color: var(--accent); text-decoration: underline; }
footer { margin-top: 1.25rem; padding-top: 0.75rem; border-top: 1px solid var(--line); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
form + p { margin-top: 1.5rem; }
[hidden] { display: none; }
@media (forced-colors: active) { button, a.primary { border-color: ButtonText; } }
@media print { body { padding: 0; background: none; } main { max-width: none; border: 0; } a.primary, form { display: none; } }
`
