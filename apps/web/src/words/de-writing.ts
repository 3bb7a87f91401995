import type { Words } from './en.ts';

export const writing: Pick<Words, 'write' | 'later' | 'post'> = {
  write: {
    title: 'Neue E-Mail',
    to: 'An',
    cc: 'Cc',
    bcc: 'Bcc',
    addCc: 'Cc oder Bcc hinzufügen',
    subject: 'Betreff',
    text: 'Text',
    from: 'Von',
    send: 'Senden',
    sendLater: 'Später senden',
    sending: 'Wird gesendet',
    attach: 'Dateien anhängen',
    rich: 'Formatierter Text',
    plain: 'Nur Text',
    toPlainQuestion: 'Zu reinem Text wechseln? Die Formatierung geht verloren.',
    discard: 'Entwurf verwerfen',
    discardQuestion: 'Diesen Entwurf verwerfen?',
    close: 'Speichern und schließen',
    minimise: 'Verkleinern',
    maximise: 'Vergrößern',
    remove: (what) => `${what} entfernen`,
    invalid: (what) => `„${what}“ ist keine E-Mail-Adresse.`,
    noRecipient: 'Geben Sie mindestens einen Empfänger ein.',
    noSubjectQuestion: 'Ohne Betreff senden?',
    forgotAttachment: 'Im Text ist von einem Anhang die Rede, es gibt aber keinen. Trotzdem senden?',
    attachmentWords: /\banhang\b|\banh(?:ä|ae)nge\b|\bangeh(?:ä|ae)ngt\b|\banbei\b|\bbeigef(?:ü|ue)gt\b|\battach(?:ed|ment)\b/i,
    uploading: (percent) => `Wird hochgeladen, ${percent} %`,
    uploadWaits: 'wartet auf Verbindung',
    uploadFailed: 'Hochladen misslungen',
    tooLarge: (name, most) => `„${name}“ ist zu groß; höchstens ${most}.`,
    waitForUploads: 'Bitte warten Sie, bis alle Dateien hochgeladen sind.',
    dropHere: 'Dateien hier ablegen',
    saving: 'Wird gespeichert',
    saved: 'Entwurf gespeichert',
    unsaved: 'Noch nicht gespeichert; Ihr Text bleibt hier.',
    tooLong: 'Dieser Entwurf ist zu lang, um hier geändert zu werden.',
    acceptedLater: (when) => `Geht ${when} ab.`,
    toOutbox: 'Im Postausgang anzeigen',
    calledBack: 'Zurückgeholt: Sie ist wieder in den Entwürfen.',
    tooLate: 'Zu spät: Sie ist hinaus oder geht gerade.',
    failed: 'Nicht gesendet. Ihr Entwurf bleibt erhalten.',
    failedWhy: (why) => `Nicht gesendet; Ihr Entwurf bleibt erhalten. ${why}`,
    noAnswer: 'Keine Verbindung: noch nicht gesendet. Ihr Entwurf bleibt erhalten; versuchen Sie es noch einmal.',
    quote: (date, who) => `Am ${date} schrieb ${who}:`,
    forwarded: 'Weitergeleitete E-Mail',
    bold: 'Fett',
    italic: 'Kursiv',
    underline: 'Unterstrichen',
    bullets: 'Liste',
    numbers: 'Nummerierte Liste',
    quoteFormat: 'Zitat',
    link: 'Link',
    image: 'Bild einfügen',
    fileFailed: 'Eine Datei konnte nicht hochgeladen werden. Nehmen Sie sie heraus oder hängen Sie sie noch einmal an.',
    imageFailed: 'Ein Bild im Text konnte nicht hochgeladen werden. Nehmen Sie es heraus oder fügen Sie es noch einmal ein.',
    linkAddress: 'Adresse des Links',
    clear: 'Formatierung entfernen',
    format: 'Formatierung',
    suggestions: 'Vorschläge',
  },
  later: {
    title: 'Wann soll die E-Mail abgehen?',
    inAnHour: 'In einer Stunde',
    evening: 'Heute Abend',
    tomorrow: 'Morgen früh',
    monday: 'Montag früh',
    own: 'Oder zu dieser Zeit',
    wrong: (days) => `Wählen Sie eine Zeit, die noch kommt, innerhalb von ${days} Tagen.`,
  },
  post: {
    title: 'Wartet in diesem Browser',
    lead: 'Es geht von selbst weiter, sobald es eine Verbindung zu diesem Dienst gibt.',
    leadInWindow:
      'Es geht von selbst weiter, sobald es eine Verbindung zu diesem Dienst gibt. Schließen Sie dieses Fenster bis dahin nicht.',
    waits: 'Keine Verbindung: Ihre E-Mail wartet in diesem Browser und geht ab, sobald es eine gibt, genau einmal.',
    waitsInWindow:
      'Keine Verbindung: Ihre E-Mail wartet in diesem Fenster. Schließen Sie es nicht; sie geht ab, sobald es eine Verbindung gibt.',
    taken: (subject) =>
      subject.trim() === '' ? 'Eine E-Mail, die hier wartete, ist unterwegs.' : `„${subject}“ wartete hier und ist unterwegs.`,
    draftSaved: 'Was Sie ohne Verbindung geschrieben haben, liegt jetzt in den Entwürfen.',
    discardWaits: 'Verworfen. Er verschwindet auch aus den Entwürfen, sobald es eine Verbindung gibt.',
    isOpen: 'Dieser Entwurf ist schon geöffnet, hier oder in einem anderen Fenster. Schließen Sie ihn zuerst dort.',
    isGone: 'Dieser Entwurf wartet hier nicht mehr: Er ist in den Entwürfen, oder er wurde verworfen.',
    isLeaving: 'Diese E-Mail ist unterwegs und kann nicht mehr geändert werden.',
    draftKept: 'Keine Verbindung: Der Entwurf bleibt in diesem Browser und kommt in die Entwürfe, sobald es eine gibt.',
    draftKeptInWindow:
      'Keine Verbindung: Der Entwurf bleibt in diesem Fenster. Schließen Sie es nicht; er wird gespeichert, sobald es eine Verbindung gibt.',
    tooLarge: 'Nicht gesendet: Ohne Verbindung können hier Dateien von zusammen 25 MB warten. Ihr Entwurf bleibt erhalten.',
    message: 'E-Mail',
    draft: 'Entwurf',
    waiting: 'Wartet auf Verbindung',
    refused: 'Nicht angenommen',
    unsure: 'Wir wissen nicht, ob das angenommen wurde',
    unsureText:
      'Die E-Mail wurde einmal übergeben, es kam keine Antwort, und ihre Spuren sind weg. Sehen Sie in „Gesendet“ nach; ist sie dort nicht, senden Sie sie noch einmal.',
    draftGone: 'Wartet auf Ihre Entscheidung',
    draftGoneText:
      'Die E-Mail lag schon in den Entwürfen und ist dort nicht mehr: Sie wurde anderswo geändert, gesendet oder verworfen. Soll sie so abgehen, wie sie hier ist, senden Sie sie noch einmal.',
    edit: 'Bearbeiten',
    discard: 'Verwerfen',
    discardQuestion: 'Diese E-Mail verwerfen? Sie ist noch nicht abgegangen und liegt sonst nirgends.',
    resend: 'Noch einmal senden',
    logOutQuestion: (count) =>
      count === 1
        ? 'Eine E-Mail hat diesen Browser noch nicht verlassen. Sie bleibt hier und geht nach Ihrer nächsten Anmeldung ab. Abmelden?'
        : `${count} E-Mails haben diesen Browser noch nicht verlassen. Sie bleiben hier und gehen nach Ihrer nächsten Anmeldung ab. Abmelden?`,
    logOutLoses: (count) =>
      count === 1
        ? 'Eine E-Mail hat dieses Fenster noch nicht verlassen und ginge verloren. Abmelden?'
        : `${count} E-Mails haben dieses Fenster noch nicht verlassen und gingen verloren. Abmelden?`,
    changes: (count) => (count === 1 ? 'Eine Änderung an Ihren E-Mails' : `${count} Änderungen an Ihren E-Mails`),
    giveUpQuestion: 'Diese Änderungen aufgeben? Ihre E-Mails bleiben, wie sie davor waren.',
    logOutChanges:
      'Änderungen an Ihren E-Mails haben diesen Browser noch nicht verlassen. Sie bleiben hier und werden nach Ihrer nächsten Anmeldung ausgeführt. Abmelden?',
    logOutLosesChanges: 'Änderungen an Ihren E-Mails haben dieses Fenster noch nicht verlassen und gingen verloren. Abmelden?',
    filed: 'Was Sie ohne Verbindung mit Ihren E-Mails getan haben, ist ausgeführt.',
    notFiled: {
      gone: (count) =>
        count === 1
          ? 'Eine E-Mail, die Sie eingeordnet hatten, wurde inzwischen anderswo gelöscht.'
          : `${count} E-Mails, die Sie eingeordnet hatten, wurden inzwischen anderswo gelöscht.`,
      elsewhere: (count) =>
        count === 1
          ? 'Eine E-Mail, die Sie verschoben hatten, kam inzwischen in einen anderen Ordner und bleibt dort.'
          : `${count} E-Mails, die Sie verschoben hatten, kamen inzwischen in andere Ordner und bleiben dort.`,
      noFolder: (count) =>
        count === 1
          ? 'Den Ordner gibt es nicht mehr: Die E-Mail bleibt, wo sie war.'
          : `Den Ordner gibt es nicht mehr: ${count} E-Mails bleiben, wo sie waren.`,
    },
    filedRefused: (count, why) =>
      `${count === 1 ? 'Eine E-Mail konnte' : `${count} E-Mails konnten`} nicht geändert werden${why === '' ? '.' : `: ${why}`}`,
  },
};
