const DECODED = 'a digest holds decoded text';
const FIRST = 'of two fields that contradict each other we take the first, Dovecot the last';
const CASE = 'a digest holds these names in lower case; IMAP compares them so';
const READABLE = 'we read what is not well formed as programs mean it';

/** Where a digest and Dovecot 2.3.19 say different things, and why that is right. File -> place -> reason. */
export const KNOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'encoded-nested-message.eml': {
    'structure[7]': 'RFC 2046 5.2.1: an encoded message is not looked into',
    'structure[8]': 'so',
    'structure[9]': 'so',
  },
  'encoded-words.eml': {
    'envelope[1]': DECODED,
    'envelope[2]': DECODED,
    'envelope[3]': DECODED,
    'envelope[4]': DECODED,
    'envelope[5]': DECODED,
    'envelope[6]': 'a comment before the address is its name, too',
  },
  'folded-headers.eml': { 'envelope[9]': 'the blank of a fold is no part of a Message-ID' },
  'mixed-line-ends.eml': { 'structure[0][6]': 'Dovecot counts a bare LF as CRLF; we keep and count the octets as they are' },
  'obsolete-forms.eml': { 'envelope[9]': 'RFC 5322 4.5.4: blanks in a Message-ID are no part of it' },
  'odd-addresses.eml': {
    'envelope[3][0][1]': 'RFC 5322 4.4: a route is passed over',
    'envelope[5]': 'an empty mailbox is none',
  },
  'odd-content-types.eml': {
    'structure[0][1]': 'RFC 2045 5.2: what can not be read is text/plain',
    'structure[1]': CASE,
    'structure[2]': 'RFC 2045 5.2: what can not be read is text/plain',
    'structure[3][2]': 'a parameter given twice counts once, and a quote that is never closed still holds a value',
    'structure[4]': CASE,
  },
  'quoted-printable.eml': { 'structure[5]': CASE },
  'raw-utf8-headers.eml': {
    'envelope[1]': DECODED,
    'envelope[2]': DECODED,
    'envelope[3]': DECODED,
    'envelope[4]': DECODED,
    'envelope[5]': DECODED,
  },
  'repeated-fields.eml': { 'envelope[0]': FIRST, 'envelope[1]': FIRST, 'envelope[9]': FIRST },
  'rfc2231-names.eml': {
    'structure[1]': DECODED,
    'structure[2]': DECODED,
    'structure[4]': READABLE,
    'structure[5]': DECODED,
  },
};
