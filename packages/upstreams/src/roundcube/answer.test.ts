import { describe, expect, test } from 'vitest';
import { confirmation, firstError, readJsonAnswer, saysSessionLost, scanCalls } from './answer.ts';
import { isLoginPage, loginForm, readPage } from './page.ts';

describe('the calls in an answer', () => {
  test('arguments are JSON of any depth, with brackets and calls inside of strings', () => {
    const text = 'this.add_message_row(12,{"subject":"a ) this.fake(1); \\" ]","n":[1,{"x":null}]},{"seen":1},false);\nthis.done();';
    expect(scanCalls(text, 'this')).toEqual([
      { name: 'add_message_row', args: [12, { subject: 'a ) this.fake(1); " ]', n: [1, { x: null }] }, { seen: 1 }, false] },
      { name: 'done', args: [] },
    ]);
  });

  test.for([
    'this.oops(',
    'this.oops("a',
    'this.oops({"a":1',
    'this.oops(function(){return 1})',
    'this.oops(1 2)',
    'this.oops(]',
    'this.',
    'this.oops(,)',
  ])('what is no call is passed over: %s', (text) => {
    expect(scanCalls(`${text}\nthis.done(1);`, 'this').filter((call) => call.name === 'oops')).toEqual([]);
  });

  test('a script in a page is read like an answer', () => {
    const page = readPage(
      '<script>if (parent.rcmail) {\n\tparent.rcmail.display_message("Sent \\u003Cok\\u003E","confirmation",0);\n}</script>',
    );
    expect(confirmation(page)?.text).toBe('Sent <ok>');
  });

  test('the type decides, not the text; the text loses its HTML', () => {
    const answer = readJsonAnswer(
      JSON.stringify({ action: 'list', exec: 'this.display_message("Mailbox doesn&#039;t exist: &lt;a&amp;b&gt;","error",0);\n' }),
    );
    expect(firstError(answer)?.text).toBe("Mailbox doesn't exist: <a&b>");
    expect(confirmation(answer)).toBeUndefined();
  });

  test('a session that is over is told by a call', () => {
    const exec = 'this.display_message("Votre session a expir\u00e9.","error",-1000);\nthis.session_error("/?_task=login&_err=session");\n';
    expect(saysSessionLost(readJsonAnswer(JSON.stringify({ action: 'list', exec })))).toBe(true);
  });

  test.for(['', 'null', '[]', '"text"', '<html>', '{"exec":'])('%s is not an answer', (text) => {
    expect(() => readJsonAnswer(text)).toThrow('not its JSON');
  });
});

describe('pages', () => {
  test('a login form is one with user, password and token', () => {
    const form =
      '<form action="/?_task=login"><input name="_token" value="t"><input name="_user"><input name="_pass" type=password><select name=_host><option>a<option selected>b</select></form>';
    const page = readPage(form);
    expect(isLoginPage(page)).toBe(true);
    expect(loginForm(page)?.selects[0]?.options).toMatchObject([{ value: 'a' }, { value: 'b', selected: true }]);
    expect(isLoginPage(readPage('<form><input name="_user"><input name="_pass"></form>'))).toBe(false);
  });

  test('a page nested very deep is read without running out of stack', () => {
    expect(readPage(`${'<div>'.repeat(50_000)}<script>rcmail.set_env({"task":"mail"});</script>`).env).toEqual({ task: 'mail' });
  });
});
