import type { MailboxRole } from '@stopgap/core';

/** RFC 6154. Gmail's `\All` is no archive: everything is in it. */
const BY_ATTRIBUTE: ReadonlyMap<string, MailboxRole> = new Map([
  ['\\sent', 'sent'],
  ['\\drafts', 'drafts'],
  ['\\trash', 'trash'],
  ['\\junk', 'junk'],
  ['\\archive', 'archive'],
]);

/** What mail programs and providers call them, lower case. Of several that are there, the first one here has the role. */
const NAMES: Readonly<Record<Exclude<MailboxRole, 'inbox'>, readonly string[]>> = {
  sent: names(`
    sent, sent items, sent messages, sent mail, sent-mail, gesendet, gesendete elemente, gesendete objekte, gesendete nachrichten, envoyés,
    éléments envoyés, messages envoyés, enviados, elementos enviados, mensajes enviados, itens enviados, posta inviata, inviata, inviati,
    elementi inviati, verzonden, verzonden items, verzonden berichten, wysłane, elementy wysłane, skickat, skickade, sendt, sendte elementer,
    lähetetyt, odeslané, odeslaná pošta, отправленные, gönderilmiş öğeler`),
  drafts: names(`
    drafts, draft, entwürfe, entwurf, brouillons, borradores, bozze, concepten, kopie robocze, wersje robocze, szkice, rascunhos, utkast, kladder,
    luonnokset, koncepty, черновики, taslaklar`),
  trash: names(`
    trash, deleted items, deleted messages, deleted, bin, papierkorb, gelöschte elemente, gelöschte objekte, gelöscht, corbeille,
    éléments supprimés, papelera, elementos eliminados, cestino, posta eliminata, prullenbak, verwijderde items, kosz, elementy usunięte, lixeira,
    itens excluídos, papperskorgen, slettet post, slettede elementer, roskakori, koš, удаленные, корзина, çöp kutusu`),
  junk: names(`
    junk, spam, junk e-mail, junk-e-mail, junk email, junk mail, bulk mail, spamverdacht, unerwünscht, werbung, indésirables, pourriel,
    courrier indésirable, correo no deseado, no deseado, posta indesiderata, indesiderata, ongewenste e-mail, ongewenste reclame,
    wiadomości-śmieci, niechciane, lixo eletrônico, skräppost, uønsket e-post, roskaposti, nevyžádaná pošta, спам, gereksiz`),
  archive: names('archive, archives, archiv, archivo, archivio, archief, archiwum, arquivo, arkiv, arkisto, архив'),
};

function names(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

export interface Candidate {
  readonly path: readonly string[];
  readonly attributes: readonly string[];
  readonly isSelectable: boolean;
}

/** Each role at most once: by the provider's own word, else by the name of a mailbox at the top or right below INBOX. */
export function rolesOf<One extends Candidate>(mailboxes: readonly One[]): ReadonlyMap<One, MailboxRole> {
  const roles = new Map<One, MailboxRole>();
  const taken = new Set<MailboxRole>();
  const give = (mailbox: One | undefined, role: MailboxRole): void => {
    if (mailbox === undefined || taken.has(role) || roles.has(mailbox)) return;
    taken.add(role);
    roles.set(mailbox, role);
  };
  const usable = mailboxes.filter((mailbox) => mailbox.isSelectable);
  give(
    usable.find(({ path }) => path.length === 1 && path[0] === 'INBOX'),
    'inbox',
  );
  for (const mailbox of usable) {
    for (const attribute of mailbox.attributes) {
      const role = BY_ATTRIBUTE.get(attribute.toLowerCase());
      if (role !== undefined) give(mailbox, role);
    }
  }
  for (const role of ['sent', 'drafts', 'trash', 'junk', 'archive'] as const) {
    for (const name of NAMES[role])
      give(
        usable.find((mailbox) => !roles.has(mailbox) && topName(mailbox.path) === name),
        role,
      );
  }
  return roles;
}

function topName(path: readonly string[]): string | undefined {
  const inner = path[0] === 'INBOX' ? path.slice(1) : path;
  return inner.length === 1 ? inner[0]?.normalize('NFC').toLowerCase() : undefined;
}
