/* How mail programs write what they quote, as their users receive it: a name, whether it is to be folded, the HTML. */
const OFFER = '<p>The offer itself</p><p>Kim Berg</p>';
const bold = (labels: readonly string[]): string => labels.map((label) => `<b>${label}:</b> Kim Berg`).join('<br>');
const ENGLISH = bold(['From', 'Sent', 'To', 'Subject']);
const GERMAN = bold(['Von', 'Gesendet', 'An', 'Betreff']);

const OUTLOOK = (
  head: string,
  own: string,
): string => `<html><head><style>p.MsoNormal{margin:0}</style></head><body lang=DE><div class=WordSection1>
  ${own}<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>${head}</p></div></div>
  <p class=MsoNormal>&nbsp;</p>${OFFER}</div></body></html>`;
const WEB = (
  own: string,
): string => `<html><body><div>${own}</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">
  <div id="divRplyFwdMsg" dir="ltr"><font face="Calibri" style="font-size:11pt" color="#000000">${ENGLISH}</font><div>&nbsp;</div></div><div>${OFFER}</div></body></html>`;
const ANSWER = '<p class=MsoNormal>My answer</p>';

export const QUOTED: readonly (readonly [name: string, isFolded: boolean, html: string])[] = [
  ['Re: Outlook', true, OUTLOOK(ENGLISH, ANSWER)],
  ['Re: Outlook in German', true, OUTLOOK(GERMAN, ANSWER)],
  ['Re: Outlook in a browser', true, WEB('My answer')],
  ['Re: Outlook on a phone', true, `<div>My answer</div><hr><div>${ENGLISH.replaceAll('<br>', '</div><div>')}</div>${OFFER}`],
  [
    'Re: an old Outlook',
    true,
    `<p>My answer</p><p><font size=2>-----Ursprüngliche Nachricht-----<br>Von: Kim Berg<br>Betreff: x</font></p>${OFFER}`,
  ],
  [
    'Re: Gmail',
    true,
    `<div dir="ltr">My answer</div><br><div class="gmail_quote gmail_quote_container"><div>Kim Berg wrote:<br></div><blockquote class="gmail_quote">${OFFER}</blockquote></div>`,
  ],
  ['Re: Apple', true, `<div>My answer</div><br><blockquote type="cite">${OFFER}</blockquote>`],
  [
    'Re: web.de',
    true,
    `<div>My answer</div><div name="quote" style="border-left:2px solid #C3D9E5"><div><b>Gesendet:</b> heute<br><b>Von:</b> Kim Berg</div>${OFFER}</div>`,
  ],
  ['Re: somebody who writes so', false, `<p>My answer</p><p><b>From:</b> here on it gets better.</p>${OFFER}`],
  ['FW: with a word', false, OUTLOOK(ENGLISH, '<p>Please see below</p>')],
  ['FW: with nothing', false, OUTLOOK(ENGLISH, '<p class=MsoNormal>&nbsp;</p>')],
  ['Passed on, whatever it is called', false, WEB('')],
];
