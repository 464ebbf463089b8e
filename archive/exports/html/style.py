"""The look of the pages, light and dark."""

from typing import Final

STYLE: Final = """\
:root { color-scheme: light dark; --back: #f4f5f7; --card: #fff; --ink: #1c2026; --dim: #5b6470;
  --line: #dde1e6; --accent: #1a66b8 }
@media (prefers-color-scheme: dark) { :root { --back: #14171b; --card: #1e2228; --ink: #e8eaed;
  --dim: #a3acb8; --line: #333a43; --accent: #7db5f2 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
header, main, nav { max-width: 46rem; margin: 0 auto; padding: .75rem 1rem }
h1 { font-size: 1.25rem; margin: 0 }
a { color: var(--accent) }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem }
nav a { padding: .25rem 0 }
.day { text-align: center; color: var(--dim); font-size: .875rem; margin: 1.25rem 0 .5rem;
  font-weight: 600 }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: .625rem .875rem; margin: 0 0 .5rem; overflow-wrap: anywhere }
article:target { border-color: var(--accent) }
.who { font-weight: 600 }
.text { white-space: pre-wrap; margin: 0 }
.about { color: var(--dim); font-size: .8125rem; margin: .375rem 0 0; display: flex; flex-wrap: wrap;
  gap: 0 .75rem }
.about a { color: inherit }
.answer { font-size: .8125rem; margin: 0 0 .25rem }
.gone { border-style: dashed }
img, video { max-width: 100%; height: auto; max-height: 30rem; border-radius: 6px; display: block }
audio { width: 100% }
figure { margin: .375rem 0 }
code { font: .875em ui-monospace, monospace }
mark { background: var(--dim); color: var(--dim) } mark:hover, mark:focus { background: none;
  color: inherit }
ol, ul { padding-inline-start: 1.25rem } li { margin: .25rem 0 }
details { margin-top: .375rem; color: var(--dim) }
"""
