/** Texts of the composer, and of what waits in the browser. */
export const writing = {
  write: {
    title: 'New message',
    to: 'To',
    cc: 'Cc',
    bcc: 'Bcc',
    addCc: 'Add Cc or Bcc',
    subject: 'Subject',
    text: 'Text',
    from: 'From',
    send: 'Send',
    sending: 'Sending',
    sendLater: 'Send later',
    attach: 'Attach files',
    rich: 'Formatted text',
    plain: 'Plain text',
    toPlainQuestion: 'Change to plain text? The formatting will be lost.',
    discard: 'Discard draft',
    discardQuestion: 'Discard this draft?',
    close: 'Save and close',
    minimise: 'Minimise',
    maximise: 'Maximise',
    remove: (what: string) => `Remove ${what}`,
    invalid: (what: string) => `“${what}” is not a mail address.`,
    noRecipient: 'Enter at least one recipient.',
    noSubjectQuestion: 'Send without a subject?',
    forgotAttachment: 'The text mentions an attachment, but there is none. Send anyway?',
    attachmentWords: /\battach(?:ed|ment|ments|ing)?\b|\benclosed\b/i,
    uploading: (percent: number) => `Uploading, ${percent} %`,
    uploadFailed: 'Upload failed',
    uploadWaits: 'waits for a connection',
    tooLarge: (name: string, most: string) => `“${name}” is too large; ${most} at most.`,
    waitForUploads: 'Please wait until all files are uploaded.',
    dropHere: 'Drop files here',
    saving: 'Saving',
    saved: 'Draft saved',
    unsaved: 'Not saved yet; your text stays here.',
    tooLong: 'This draft is too long to be changed here.',
    acceptedLater: (when: string) => `It leaves ${when}.`,
    toOutbox: 'Show in Outbox',
    calledBack: 'Called back: it is in Drafts again.',
    tooLate: 'Too late: it has left, or is leaving at this moment.',
    failed: 'Not sent. Your draft is kept.',
    failedWhy: (why: string) => `Not sent; your draft is kept. ${why}`,
    noAnswer: 'No connection: not sent yet. Your draft is kept; try again.',
    quote: (date: string, who: string) => `On ${date}, ${who} wrote:`,
    forwarded: 'Forwarded message',
    bold: 'Bold',
    italic: 'Italic',
    underline: 'Underline',
    bullets: 'List',
    numbers: 'Numbered list',
    quoteFormat: 'Quote',
    link: 'Link',
    image: 'Insert image',
    fileFailed: 'A file could not be uploaded. Take it out, or attach it once more.',
    imageFailed: 'An image in the text could not be uploaded. Take it out, or insert it again.',
    linkAddress: 'Address of the link',
    clear: 'Remove formatting',
    format: 'Formatting',
    suggestions: 'Suggestions',
  },
  later: {
    title: 'When is it to leave?',
    inAnHour: 'In an hour',
    evening: 'This evening',
    tomorrow: 'Tomorrow morning',
    monday: 'Monday morning',
    own: 'Or at this time',
    wrong: (days: number) => `Choose a time that is still to come, within ${days} days.`,
  },
  post: {
    title: 'Waits in this browser',
    lead: 'It goes on by itself as soon as there is a connection to this service.',
    leadInWindow: 'It goes on by itself as soon as there is a connection to this service. Do not close this window until then.',
    waits: 'No connection: your message waits in this browser and goes as soon as there is one, once.',
    waitsInWindow: 'No connection: your message waits in this window. Do not close it; the message goes as soon as there is a connection.',
    taken: (subject: string) =>
      subject.trim() === '' ? 'A message that waited here is on its way.' : `“${subject}” waited here and is on its way.`,
    draftSaved: 'What you wrote without a connection is in Drafts now.',
    discardWaits: 'Discarded. It goes from Drafts, too, as soon as there is a connection.',
    isOpen: 'This draft is open already, here or in another window. Close it there first.',
    isGone: 'This draft does not wait here any more: it is in Drafts, or was discarded.',
    isLeaving: 'This message is on its way and can not be changed any more.',
    draftKept: 'No connection: the draft is kept in this browser, and saved to Drafts as soon as there is one.',
    draftKeptInWindow:
      'No connection: the draft is kept in this window. Do not close it; the draft is saved as soon as there is a connection.',
    tooLarge: 'Not sent: without a connection files of 25 MB in all can wait here. Your draft is kept.',
    message: 'Message',
    draft: 'Draft',
    waiting: 'Waits for a connection',
    refused: 'Not taken',
    unsure: 'We do not know whether this was taken',
    unsureText: 'It was handed over once, no answer came, and its traces are gone. Look into Sent; if it is not there, send it again.',
    draftGone: 'Waits for your decision',
    draftGoneText:
      'It was in Drafts already, and is there no more: it was changed, sent or discarded elsewhere. If it is to go as it is here, send it again.',
    edit: 'Edit',
    discard: 'Discard',
    discardQuestion: 'Discard this message? It has not left, and is kept nowhere else.',
    resend: 'Send it again',
    logOutQuestion: (count: number) =>
      count === 1
        ? 'One message has not left this browser yet. It stays here and goes after your next log-in. Log out?'
        : `${count} messages have not left this browser yet. They stay here and go after your next log-in. Log out?`,
    logOutLoses: (count: number) =>
      count === 1
        ? 'One message has not left this window yet and would be lost. Log out?'
        : `${count} messages have not left this window yet and would be lost. Log out?`,
    changes: (count: number) => (count === 1 ? 'One change to your mail' : `${count} changes to your mail`),
    giveUpQuestion: 'Give these changes up? Your mail stays as it was before them.',
    logOutChanges: 'Changes to your mail have not left this browser yet. They stay here and are made after your next log-in. Log out?',
    logOutLosesChanges: 'Changes to your mail have not left this window yet and would be lost. Log out?',
    filed: 'What you did with your mail without a connection is done.',
    notFiled: {
      gone: (count: number) =>
        count === 1
          ? 'A message that you had filed was deleted elsewhere meanwhile.'
          : `${count} messages that you had filed were deleted elsewhere meanwhile.`,
      elsewhere: (count: number) =>
        count === 1
          ? 'A message that you had moved was put into another folder meanwhile, and stays there.'
          : `${count} messages that you had moved were put into other folders meanwhile, and stay there.`,
      noFolder: (count: number) =>
        count === 1
          ? 'The folder is not there any more: the message stays where it was.'
          : `The folder is not there any more: ${count} messages stay where they were.`,
    },
    filedRefused: (count: number, why: string) =>
      `${count === 1 ? 'A message could' : `${count} messages could`} not be changed${why === '' ? '.' : `: ${why}`}`,
  },
};
