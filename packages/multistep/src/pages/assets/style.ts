/** The look of the pages. Directions are logical, so that it serves languages written from right to left too. */
export const style = `:root {
  color-scheme: light dark;
  --page: #f3f4f6; --card: #ffffff; --text: #1b1f24; --quiet: #565e68; --line: #d8dce1; --edge: #767e88;
  --accent: #1d5bb8; --accent-strong: #164a98; --on-accent: #ffffff;
  --problem: #8a1c15; --problem-back: #fdeceb; --good: #1a6b3c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121417; --card: #1c1f24; --text: #e8eaed; --quiet: #a9b1bb; --line: #343a42; --edge: #848d98;
    --accent: #8fb8f7; --accent-strong: #b0cdfa; --on-accent: #0e2340;
    --problem: #fab8b2; --problem-back: #3c1816; --good: #7fd6a2;
  }
}
*, ::before, ::after { box-sizing: border-box; }
body {
  margin: 0; padding: clamp(0.75rem, 6vh, 4rem) 0.75rem;
  background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
}
.card {
  max-width: 26rem; margin: 0 auto; padding: clamp(1.25rem, 6vw, 2rem);
  background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; overflow-wrap: anywhere;
}

h1 {
  hyphens: auto; margin: 0 0 1.25rem; font-size: 1.625rem; line-height: 1.25; letter-spacing: -0.01em;
  text-wrap: balance;
}
h2 { margin: 0 0 0.75rem; font-size: 1.0625rem; line-height: 1.4; }
p { margin: 0 0 1rem; text-wrap: pretty; }
h1 + .lead, h1 + section > .lead:first-child { margin-top: -0.75rem; }
ul { margin: 0; padding: 0; list-style: none; }
li + li { margin-top: 0.5rem; }
a { color: var(--accent); }
.brand { margin-bottom: 1.5rem; }
.brand a {
  display: inline-flex; gap: 0.625rem; align-items: center; min-height: 2rem;
  color: inherit; font-weight: 600; text-decoration: none;
}
.brand a:hover { text-decoration: underline; }
.brand img { display: block; height: 2rem; max-width: 10rem; object-fit: contain; }
.kicker { margin-bottom: 0.25rem; }
.lead { color: var(--quiet); }
.lead a, .problem span { display: inline-block; }
.kicker, .hint, .note, .meta, .links, .leave, dt { color: var(--quiet); font-size: 0.875rem; }
.hint { font-weight: 400; }
.hint, bdi { display: inline-block; max-width: 100%; }
.note { margin: 0.375rem 0 0; }
.meta {
  display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; margin: -0.5rem 0 1rem;
  font-variant-numeric: tabular-nums;
}
.problem {
  margin-bottom: 1.25rem; padding: 0.75rem 1rem; background: var(--problem-back); color: var(--problem);
  border-inline-start: 0.25rem solid; border-radius: 0.375rem;
}
.problem p { margin: 0; font-weight: 600; }
.problem span { font-weight: 400; }
.binding {
  margin: 0 0 1rem; padding: 1.25rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem;
  font-size: 2rem; font-weight: 700; line-height: 1.25; letter-spacing: 0.05em; text-align: center;
}
.waiting + form .meta { justify-content: center; }
.waiting { display: flex; justify-content: center; align-items: center; gap: 0.625rem; }
.waiting::before {
  content: ""; flex: none; width: 1rem; height: 1rem;
  border: 2px solid var(--line); border-block-start-color: var(--accent);
  border-radius: 50%;
}
.good { display: flex; gap: 0.625rem; align-items: baseline; }
.good::before { content: "\\2713"; color: var(--good); font-size: 1.625rem; font-weight: 700; line-height: 1; }
dl { margin: 0 0 1.5rem; padding: 0.25rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem; }
dl div { display: flex; justify-content: space-between; align-items: baseline; gap: 0 1rem; padding: 0.375rem 0; text-align: end; }
dl div + div { border-top: 1px solid var(--line); }
dt { flex: 1 1 auto; text-align: start; }
dd { flex: 0 1 auto; max-width: 75%; margin: 0; font-weight: 600; text-align: match-parent; white-space: pre-wrap; }

form { margin: 0; }
form + form { margin-top: 0.5rem; }
.field { margin-bottom: 1rem; }
label { display: block; margin-bottom: 0.25rem; font-weight: 600; font-size: 0.9375rem; }
input {
  width: 100%; min-height: 2.75rem; padding: 0.5rem 0.75rem; background: var(--card); color: inherit;
  border: 1px solid var(--edge); border-radius: 0.5rem; font: inherit;
}
input[aria-invalid] { border: 2px solid var(--problem); }
input[type="tel"] { direction: ltr; text-align: match-parent; }
label.check { display: flex; gap: 0.625rem; align-items: flex-start; margin-bottom: 1rem; font-weight: 400; }
input[type="checkbox"] {
  flex: none; width: 1.25rem; min-height: 1.25rem; height: 1.25rem; margin: 0.0625rem 0 0; accent-color: var(--accent);
}
input.code {
  font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: 0.2em;
  direction: ltr; text-align: match-parent;
}
input.code.long { font-size: 1.25rem; letter-spacing: 0.1em; }

button, a.primary, a.plain {
  display: block; width: 100%; min-height: 2.75rem; padding: 0.5625rem 1rem;
  border: 1px solid transparent; border-radius: 0.5rem; font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; cursor: pointer;
}
.primary { background: var(--accent); color: var(--on-accent); }
.primary:hover { background: var(--accent-strong); }
.plain { background: none; color: var(--accent); }
.plain.edged { border-color: var(--edge); }
.plain.away { color: var(--problem); }
.plain:hover { text-decoration: underline; }
[aria-disabled="true"] { background: none; color: var(--quiet); text-decoration: none; cursor: not-allowed; }
.primary[aria-disabled="true"] { border-color: var(--line); }
[aria-busy] button { opacity: 0.6; cursor: progress; }
button { text-wrap: balance; }
.primary + .plain, form + [data-live] { margin-top: 0.5rem; }
button + .note, [data-live] > .note { text-align: center; text-wrap: balance; }
.note + form, p + form { margin-top: 1rem; }
[data-live] > .note + form { margin-top: 0.25rem; }
form + p { margin-top: 0.75rem; }
nav { margin-top: 1.75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
nav h2 { color: var(--quiet); font-size: 0.9375rem; font-weight: 400; }
nav a, nav .primary {
  display: block; width: 100%; min-height: 2.75rem; padding: 0.5625rem 1rem; background: none; color: var(--accent);
  border: 1px solid var(--edge); border-radius: 0.5rem; font-weight: 600; text-align: center; text-decoration: none;
}
nav a:hover, nav .primary:hover { background: none; border-color: var(--accent); text-decoration: underline; }
.leave {
  display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 0 1rem;
  margin-top: 1.25rem; padding-top: 0.75rem; border-top: 1px solid var(--line);
}
.leave p { margin: 0; }
.leave form { flex: 1 0 auto; }
.leave p + form { flex: 0 1 auto; margin: 0; }
.leave p + form button { width: auto; padding-inline: 0; border-inline: 0; font-size: 0.875rem; text-align: start; }
.links {
  display: flex; flex-wrap: wrap; justify-content: center; gap: 0.25rem 1.25rem; max-width: 26rem; margin: 1rem auto 0;
}
.links a { display: inline-block; padding: 0.375rem 0; color: var(--quiet); }
main > :nth-last-child(2), section > :last-child { margin-bottom: 0; }

.devices { margin-bottom: 1.5rem; border-bottom: 1px solid var(--line); }
.devices li {
  display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 0.5rem 1rem;
  margin: 0; padding: 0.75rem 0; border-top: 1px solid var(--line);
}
.devices p { margin: 0; }
.devices .note span { display: block; }
.devices form .plain { width: auto; border-color: var(--edge); }
ul.codes {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.25rem 1rem;
  margin-bottom: 1rem; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem; user-select: all;
}
.codes li { margin: 0; text-align: center; white-space: nowrap; direction: ltr; }
code { font: 600 1.125rem/1.6 ui-monospace, monospace; letter-spacing: 0.05em; }
.qr { max-width: 14rem; margin: 0 auto 1rem; padding: 0.5rem; background: #fff; border-radius: 0.5rem; }
.qr svg { display: block; width: 100%; height: auto; }
.qr + .note { text-align: center; }
.key { text-align: center; text-wrap: balance; direction: ltr; user-select: all; }
.tools { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-bottom: 1rem; }
.tools button { flex: 1 1 auto; width: auto; padding-inline: 0.5rem; min-width: min-content; overflow-wrap: normal; }

:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[hidden] { display: none !important; }
.unseen {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
@media (prefers-reduced-motion: no-preference) {
  .waiting::before { animation: turn 1s linear infinite; }
  .problem { animation: nudge 0.3s ease-out; }
  .good::before { animation: appear 0.4s ease-out; }
}
@keyframes turn { to { rotate: 360deg; } }
@keyframes nudge { 25% { translate: -0.25rem; } 75% { translate: 0.25rem; } }
@keyframes appear { from { opacity: 0; scale: 0.5; } }
@media (forced-colors: active) {
  button, a.primary, a.plain { border-color: ButtonText; }
  .primary { forced-color-adjust: none; background: Highlight; color: HighlightText; border-color: Highlight; }
  nav .primary, [aria-disabled="true"] { background: ButtonFace; color: ButtonText; border-color: ButtonText; }
  [aria-disabled="true"], .primary[aria-disabled="true"] { color: GrayText; border-color: GrayText; }
  .leave p + form button { padding-inline: 0.75rem; border-inline: 1px solid; }
}
@media print {
  body { padding: 0; background: none; }
  .card { max-width: none; border: 0; }
  a.primary, a.plain, form, .tools, .links { display: none; }
}
`
