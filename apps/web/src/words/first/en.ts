/** What is said before anybody is logged in: it comes with the first screen, in both languages, so that no second trip stands before it. */
export const en = {
  app: {
    name: 'Stopgap',
    loading: 'Loading',
    retry: 'Try again',
    close: 'Close',
    cancel: 'Cancel',
    back: 'Back',
    undo: 'Undo',
    save: 'Save',
  },
  logIn: {
    title: 'Your mail, while your provider is down',
    lead: 'Log in with the address and password of your mail account, as in your mail program.',
    address: 'Mail address',
    password: 'Password',
    submit: 'Log in',
    busy: 'Checking',
    show: 'Show password',
    hide: 'Hide password',
    wrong: 'Address or password is wrong.',
    wrongHint: 'It is the password of your mail account at your provider.',
    tooOften: 'Too many attempts.',
    againIn: (minutes: number) => (minutes <= 1 ? 'Try again in a minute.' : `Try again in ${minutes} minutes.`),
    notKnown: 'Your password can not be checked at the moment.',
    notKnownHint: 'None of your provider’s servers answers, and you have not logged in here before.',
    device: 'This is my own device',
    deviceHint: 'What you read is kept here, so that it opens without a connection. Leave it out on a computer that others use.',
    noAnswer: 'This service does not answer.',
    noAnswerHint: 'Check your connection and try again.',
    refused: 'You can not log in here.',
    inClear: 'This page is not encrypted.',
    inClearHint:
      'Your password could be read on the way. Open the address of this service that begins with https:// (whoever runs it knows it).',
    status: 'What works at the provider right now?',
    practice: 'Practice',
    practiceText: 'Nothing here is real, and nothing leaves this machine. Come in as',
    unfinished: 'The rest of this page did not arrive.',
  },
};

export type FirstWords = typeof en;
