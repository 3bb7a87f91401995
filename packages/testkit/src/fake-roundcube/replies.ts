import type { ServerResponse } from 'node:http';

/** A call in the grammar of the answers: `display_message("text","error",0)`. */
export type FakeCall = readonly [name: string, ...args: unknown[]];

export interface FakeReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
  /** The connection ends behind it, whatever length was announced. */
  readonly isCut?: boolean;
}

export function json(action: string, calls: readonly FakeCall[], env?: Record<string, unknown>): FakeReply {
  const exec = calls.map((call) => `this.${written(call)}\n`).join('');
  const body = JSON.stringify({ action, ...(env === undefined ? {} : { env }), exec });
  return { status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' }, body };
}

/** A framed answer, as for a form posted into an iframe. */
export function framed(calls: readonly FakeCall[]): FakeReply {
  const lines = calls.map((call) => `\tparent.rcmail.${written(call)}\n`).join('');
  return html(`<script>\nif (window.parent && parent.rcmail) {\n\tparent.rcmail.iframe_loaded(0);\n${lines}}\n</script>`);
}

/** A page with its environment and calls. */
export function page(env: Record<string, unknown>, body: string, calls: readonly FakeCall[] = [], status = 200): FakeReply {
  const lines = calls.map((call) => `rcmail.${written(call)}\n`).join('');
  return html(`${body}\n<script>\nvar rcmail = new rcube_webmail();\nrcmail.set_env(${scriptJson(env)});\n${lines}</script>`, status);
}

export function html(body: string, status = 200): FakeReply {
  const text = `<!DOCTYPE html>\n<html lang="en">\n<head><title>Fake Webmail</title></head>\n<body>\n${body}\n</body>\n</html>\n`;
  return { status, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: text };
}

export function redirect(location: string, headers: Record<string, string> = {}): FakeReply {
  return { status: 302, headers: { location, 'content-type': 'text/html; charset=UTF-8', ...headers }, body: '' };
}

export function tooMany({ status, retryAfterS }: { readonly status: number; readonly retryAfterS?: number }): FakeReply {
  const reply = html('<h1>Too many requests</h1>', status);
  return retryAfterS === undefined ? reply : { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfterS) } };
}

export function write(response: ServerResponse, reply: FakeReply, cookies: readonly string[]): void {
  response.writeHead(reply.status, cookies.length === 0 ? reply.headers : { ...reply.headers, 'set-cookie': [...cookies] });
  if (reply.isCut === true) response.write(reply.body, () => response.socket?.destroy());
  else response.end(reply.body);
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function written([name, ...args]: FakeCall): string {
  return `${name}(${args.map(scriptJson).join(',')});`;
}

/** As PHP's json_encode with the flags that Roundcube sets: nothing in it can end a script. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003C').replaceAll('>', '\\u003E').replaceAll('/', '\\/');
}
