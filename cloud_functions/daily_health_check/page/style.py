"""The style of the page: system fonts, one accent for each status, light, dark and paper; pure.

Every accent has a contrast of at least 4.5 on the ground that it stands on, in both schemes.
"""

from collections.abc import Mapping

from shared.statuses import Status

ACCENTS: Mapping[Status, str] = {
    Status.FAIL: "#b3261e",
    Status.ERROR: "#7b2cbf",
    Status.WARN: "#8f5300",
    Status.UNKNOWN: "#1f5fa6",
    Status.PASS: "#1b6e3c",
    Status.SKIP: "#63636b",
}
DARK_ACCENTS: Mapping[Status, str] = {
    Status.FAIL: "#ff8a80",
    Status.ERROR: "#d3a6ff",
    Status.WARN: "#f3b950",
    Status.UNKNOWN: "#86b9f5",
    Status.PASS: "#74cf97",
    Status.SKIP: "#a2a2ac",
}
_LIGHT = {
    "ground": "#fcfcfb",
    "text": "#1a1a1e",
    "soft": "#5a5a63",
    "rule": "#e3e3e0",
    "sunk": "#f2f2ef",
    "link": "#1f5fa6",
}
_DARK = {
    "ground": "#141417",
    "text": "#ededf0",
    "soft": "#a6a6b0",
    "rule": "#2d2d33",
    "sunk": "#1f1f24",
    "link": "#86b9f5",
}


def _variables(plain: Mapping[str, str], accents: Mapping[Status, str]) -> str:
    named = {**plain, **{status.value: colour for status, colour in accents.items()}}
    return "".join(f"--{name}:{colour};" for name, colour in named.items())


_ROOTS = (
    f":root{{color-scheme:light dark;{_variables(_LIGHT, ACCENTS)}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(_DARK, DARK_ACCENTS)}}}}}"
)
_STATUSES = "".join(f".{status}{{--own:var(--{status})}}" for status in Status)

_TEXT = """
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);border-top:4px solid var(--own);
  font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
  font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
header,main,footer{max-width:76rem;margin:0 auto;padding:0 1.25rem}
h1,h2,h3,p,ul,pre{margin:0;padding:0;font-weight:inherit;font-size:inherit}
ul{list-style:none}
a{color:var(--link);text-underline-offset:.2em;text-decoration-thickness:1px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.8125rem}
svg{display:block;flex:none}
:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:2px}
.glyphs{position:absolute}
.mark{width:1em;height:1em;color:var(--own)}
.cut{fill:none;stroke:var(--ground);stroke-width:1.8;stroke-linecap:round}
.line{fill:none;stroke:currentColor;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.wide{stroke-width:3.6}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.badge{display:inline-flex;align-items:baseline;gap:.4em;color:var(--own);font-weight:600;white-space:nowrap}
.badge .mark{align-self:center}
.scope{color:var(--soft);font-weight:400}
.none{color:var(--soft)}
"""

_HEADER = """
header{padding-top:1.75rem;padding-bottom:.25rem}
.place{font-size:.875rem;color:var(--soft);display:flex;flex-wrap:wrap;gap:.1rem 1.25rem}
h1{display:flex;gap:.7rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.015em;margin-top:1.5rem}
h1 .mark{margin-top:.125em}
h1 span span{white-space:nowrap}
h1 b{font-weight:700;color:var(--own)}
.as-of{color:var(--soft);margin-top:.5rem}
.caution{margin-top:.75rem;font-weight:600;color:var(--own)}
nav{display:flex;flex-wrap:wrap;gap:.5rem 1.75rem;margin-top:1.5rem;font-size:.9375rem}
nav a{text-decoration:none;padding:.25rem 0}
nav a:hover{text-decoration:underline}
nav span{color:var(--soft);margin-left:.2em}
.part{margin-top:2.5rem}
h2{font-size:1.1875rem;font-weight:700;letter-spacing:-.01em;line-height:1.3;padding-bottom:.75rem;
  border-bottom:1px solid var(--rule)}
.calm{padding:1.25rem 0;color:var(--soft)}
.calm .mark{display:inline-block;vertical-align:-.125em;margin-right:.3em}
footer{margin-top:4rem;margin-bottom:2.5rem;color:var(--soft);font-size:.875rem}
footer p{border-top:1px solid var(--rule);padding-top:1rem}
"""

_WRONG = """
.group{padding:1.75rem 0 2rem;border-bottom:1px solid var(--rule)}
.whose h3{font-weight:600;line-height:1.4}
.whose .scope{display:block}
.whose p{font-size:.875rem;color:var(--soft);margin-top:.25rem}
.items{margin-top:1.25rem;min-width:0}
.item{position:relative}
.item+.item,.rest .item:first-child{margin-top:1.75rem}
.item:target>.what strong{background:var(--sunk);box-shadow:0 0 0 .25em var(--sunk)}
.what{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .75rem;line-height:1.4}
.what strong{font-weight:600}
.what .new{font-size:.8125rem;font-weight:600;color:var(--own)}
.what .origin{font-size:.8125rem;color:var(--soft)}
.message{margin-top:.25rem;max-width:46rem}
.since{margin-top:.5rem;font-size:.875rem;color:var(--soft)}
.facts{display:flex;flex-wrap:wrap;gap:0 1.1rem;font-size:.8125rem;line-height:1.6;color:var(--soft)}
.fix{display:flex;gap:.6rem;margin-top:.5rem;max-width:52rem;font-size:.9375rem}
.fix .do{color:var(--soft);line-height:1.6}
.fix i{font-style:normal}
.fix pre span{display:inline-block;max-width:100%}
.fix>div{min-width:0;flex:1}
.fix pre{background:var(--sunk);border-radius:4px;padding:.4rem .7rem;white-space:pre-wrap;line-height:1.55;
  -webkit-user-select:all;user-select:all;margin:.1rem 0 .3rem}
.fix p code{background:var(--sunk);border-radius:3px;padding:.1em .35em;-webkit-user-select:all;user-select:all}
.follows{margin-top:1.25rem;padding-left:1.25rem;border-left:2px solid var(--rule)}
.follows .lead{font-size:.8125rem;color:var(--soft);margin-bottom:.75rem}
.follows .item+.item{margin-top:1.25rem}
.aside{margin-top:1.25rem;font-size:.875rem;color:var(--soft)}
.items>.aside:first-child{margin-top:0}
summary{cursor:pointer;padding:.6rem 0;min-height:2.75rem}
.rest{margin-top:1rem}
.rest>summary{color:var(--link);font-size:.9375rem}
"""

_TABLE = """
table{table-layout:fixed;border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.45}
th,td{text-align:left;vertical-align:top;padding:.9rem 1.1rem .9rem 0;border-bottom:1px solid var(--rule);
  font-weight:400}
th:last-child,td:last-child{padding-right:0}
th:nth-child(1){width:11rem}
th:nth-child(2){width:9.75rem}
th:nth-child(3){width:10.25rem}
th:nth-child(5){width:5.75rem}
th:nth-child(6){width:5rem}
th:nth-child(7){width:10.75rem}
th:nth-child(8){width:5.25rem}
thead th{color:var(--soft);font-size:.8125rem;white-space:nowrap;padding-top:.7rem;padding-bottom:.7rem}
tbody th{font-weight:600}
tbody .scope,.then{display:block;font-weight:400;color:var(--soft)}
.then{font-size:.8125rem;white-space:nowrap}
.c-took,.c-complete,.c-billed span{white-space:nowrap}
.c-complete b{color:var(--error)}

.chart{overflow:visible}
.chart path,.chart circle,.legend path{fill:var(--own);fill-rule:evenodd}
.chart .axis{fill:none;stroke:var(--rule);stroke-width:1}
.chart .trend{fill:none;stroke:var(--soft);stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}
.chart .end{fill:var(--text)}
.legend{display:flex;flex-wrap:wrap;gap:.4rem 1.25rem;margin-top:1rem;font-size:.8125rem;color:var(--soft)}
.legend ul{display:flex;flex-wrap:wrap;gap:.4rem 1.25rem}
.legend li{display:flex;align-items:flex-end;gap:.4rem;line-height:1.3}
#good details{border-bottom:1px solid var(--rule)}
#good .counts{color:var(--soft);margin-left:.5rem}
#good ul{padding:.25rem 0 1.25rem;font-size:.875rem}
#good li{padding:.25rem 0}
#good li b{font-weight:600;margin:0 .5rem}
#good li span{color:var(--soft)}
#good li .badge,#good li .badge span{color:var(--own)}
"""

_SIZES = """
@media (min-width:60rem){
 header{padding-top:2.75rem}
 h1{font-size:2.125rem}
 header,main,footer{padding-left:2rem;padding-right:2rem}
 .part{margin-top:3.5rem}
 .part:first-child{margin-top:2.75rem}
 .group{display:grid;grid-template-columns:14rem minmax(0,1fr);gap:2.5rem}
 .items{margin-top:0}
 .item{padding-left:7.25rem}
 .what .badge{position:absolute;left:0}
}
@media screen and (max-width:75.99rem){
 table,tbody,tr,th,td,th:nth-child(1){display:block;width:auto}
 thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
 tbody tr{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.6rem 1rem;padding:1.25rem 0;
  border-bottom:1px solid var(--rule)}
 th,td{padding:0;border:0}
 tbody th{font-size:1rem}
 .c-status{justify-self:end}
 .c-summary,.c-last-14-days{grid-column:1/-1;min-width:0}
 .c-summary{order:1}
 .c-last-run{order:2}
 .c-billed{order:5}
 .c-last-14-days{order:4}
 .c-took{order:3;justify-self:end}
 .c-complete{order:6;justify-self:end;grid-column:2}
 td:has(.none){display:none}
 .c-billed{display:flex;align-items:center;gap:.5rem}
 .c-took::before,.c-complete::before,.c-billed::before{content:attr(data-name) " ";color:var(--soft)}
}
@media print{
 body{font-size:11pt;border-top-width:2pt}
 nav,.legend p{display:none}
 header,main,footer{max-width:none;padding:0}
 .item,tr,.whose{break-inside:avoid}
 h2,h3{break-after:avoid}
 .part{margin-top:2rem}
 .group{padding:1rem 0}
 .fix pre{border:1px solid var(--rule)}
 svg{print-color-adjust:exact}
 .rest::details-content{content-visibility:visible;height:auto}
}
@media (forced-colors:active){.chart path,.chart circle,.legend path{fill:CanvasText}.mark,.badge{color:CanvasText}}
"""

CSS = "".join(
    f"{line.strip()}"
    for part in (_ROOTS, _STATUSES, _TEXT, _HEADER, _WRONG, _TABLE, _SIZES)
    for line in part.splitlines()
)
"""The whole style sheet, one line."""
