"""How pages look: one style sheet, light and dark, for screens and paper."""

COLOURS = {
    "ink": ("#1b1f24", "#e8eaed"),
    "muted": ("#59626c", "#a6afb9"),
    "line": ("#d8dce1", "#3a414a"),
    "panel": ("#f5f6f8", "#1e2329"),
    "page": ("#ffffff", "#14181c"),
    "blue": ("#0b5cad", "#7ab8f5"),
    "orange": ("#b04a00", "#f5a55c"),
    "grey": ("#78818b", "#8d97a2"),
    "green": ("#0d6e5f", "#5fd0bb"),
}
"""Each colour in light and in dark. Blue and orange stay apart for every kind of colour vision."""


def _variables(theme: int) -> str:
    return " ".join(f"--{name}: {both[theme]};" for name, both in COLOURS.items())


STYLE = (
    f"""
:root {{ color-scheme: light dark; {_variables(0)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(1)} }} }}
"""
    + """
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink);
  background: var(--page); overflow-wrap: anywhere; }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { font-size: 1rem; font-weight: 600; color: var(--muted); margin: 1.25rem 0 .25rem; }
h2 { font-size: 1.5rem; line-height: 1.25; margin: 3.5rem 0 .5rem; padding-top: 1rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .25rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--blue); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
.verdict { font-size: 1.65rem; line-height: 1.3; font-weight: 650; margin: .25rem 0 .5rem;
  max-width: 52rem; text-wrap: balance; }
.note, figcaption, caption, dt { color: var(--muted); }
.note { font-size: .9rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0;
  margin: .75rem 0 0; font-size: .9rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
  gap: .75rem; margin: 1.25rem 0; padding: 0; }
.tile { background: var(--panel); border-radius: .5rem; padding: .8rem 1rem; }
.tile dt { font-size: .85rem; line-height: 1.35; }
.tile dd { margin: .3rem 0 0; font-size: .9rem; font-variant-numeric: tabular-nums; }
.tile dd:first-of-type { font-size: 1.7rem; line-height: 1.2; font-weight: 650; }
.tile dd:last-of-type { font-weight: 600; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr));
  gap: .5rem 2.5rem; align-items: start; }
.grid h3:first-child { margin-top: 1.25rem; }
figure { margin: 1.25rem 0; min-width: 0; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; font-family: system-ui, sans-serif; }
figure svg * { stroke-linejoin: round; }
figcaption { font-size: .9rem; line-height: 1.45; margin-bottom: .5rem; }
figcaption b { display: block; color: var(--ink); font-size: 1rem; margin-bottom: .1rem; }
.thirds { grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
.table { overflow-x: auto; margin: 1.25rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums;
  overflow-wrap: normal; }
caption { text-align: left; padding-bottom: .35rem; }
caption span { display: inline-block; position: sticky; left: 0;
  max-width: calc(100vw - 2.5rem); }
@media (min-width: 40rem) { caption { white-space: nowrap; } }
th, td { padding: .3rem .8rem .3rem 0; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; vertical-align: top; }
th { font-weight: 600; } th:first-child { text-align: left; }
th bdi { display: inline-block; max-width: 12rem; white-space: normal; overflow-wrap: break-word; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0;
  cursor: pointer; text-decoration: underline dotted; text-underline-offset: .2em; }
th[aria-sort="ascending"] button::after { content: " ▲"; }
th[aria-sort="descending"] button::after { content: " ▼"; }
td:has(.text), th:has(+ td.text) { text-align: left; }
td:has(.text) { white-space: normal; min-width: 14rem; }
details { margin: .75rem 0; } summary { cursor: pointer; }
pre { white-space: pre-wrap; background: var(--panel); padding: 1rem; border-radius: .5rem;
  font-size: .85rem; line-height: 1.5; }
code { font-size: .92em; } time { white-space: nowrap; }
.refuse { color: var(--orange); }
footer { padding: 3rem 1.25rem; }
@media print {
  :root { """
    + _variables(0)
    + """ }
  body { font-size: 10.5pt; } nav, .skip { display: none; } h2 { break-after: avoid; }
  header, main, footer { max-width: none; } .table { overflow: visible; }
  .grid { grid-template-columns: 1fr 1fr; } .thirds { grid-template-columns: 1fr 1fr 1fr; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
"""
)
