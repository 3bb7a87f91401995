import type { Plot } from './plot.ts';

export const PLOTS_EN: readonly Plot[] = [
  {
    subject: 'Draft of the contract, version {number}',
    turns: [
      'please find attached the next draft. The changes are in sections 3 and 7; the fee is now {amount} EUR.\n\nCould you let me know by {day} whether this works for you?',
      'thank you, this is much clearer. Section 7 still says thirty days, we had agreed on sixty.',
      'well spotted. Sixty it is; the signed copy follows.',
    ],
    attachment: 'pdf',
  },
  {
    subject: 'Invoice {number}',
    turns: ['please find attached invoice {number} for {place}, {amount} EUR, due by {day}.\n\nThank you for your business.'],
    attachment: 'pdf',
    folder: 'Invoices',
  },
  {
    subject: 'Question about {place}',
    turns: [
      'quick one: who has the key to {place} this week? The painters would like to start on {day}.',
      'it is in my desk, second drawer. I can be there at nine.',
    ],
  },
  {
    subject: 'Invitation: review of {place}',
    turns: ['let us go through {place} together on {day}. The invitation is attached, it should take an hour at most.'],
    attachment: 'invitation',
  },
  {
    subject: 'Photos from the weekend',
    about: 'life',
    turns: [
      'here they are. The last one is my favourite, just before the rain.',
      'lovely! Send me the big version, I want it on the wall.',
    ],
    attachment: 'picture',
  },
  {
    subject: 'Running on {day}?',
    about: 'life',
    turns: ['the usual loop on {day}, seven o’clock at the bridge? Coffee afterwards.', 'count me in. I will bring the buns.'],
  },
  {
    subject: 'Minutes, {place}',
    turns: [
      'what we agreed today:\n\n  - the plan for {place} stands\n  - budget {amount} EUR, no reserve\n  - next look on {day}\n\nShout if I got something wrong.',
      'all good. I would only add that somebody has to tell the neighbours.',
      'will do that this afternoon.',
    ],
    folder: 'Clients/Harbour House',
  },
  {
    subject: 'Proofs are ready',
    turns: [
      'the proofs of the brochure are ready. Paper is the matt one you liked. Shall I print on {day}?',
      'page 4 has the old phone number; with that corrected, please go ahead.',
    ],
    attachment: 'pdf',
  },
  {
    subject: 'Ticket {number}: the printer on the second floor',
    turns: ['it prints, but only in blue. We swapped the cartridge twice. Could somebody have a look on {day}?', 'on its way.'],
  },
  {
    subject: 'Lunch on {day}',
    about: 'life',
    turns: ['are you around on {day}? There is a new place by {place}, they do proper soup.', 'yes! Half past twelve?', 'perfect.'],
  },
  {
    subject: 'Shipping documents {number}',
    turns: ['your consignment {number} has left the port. Documents are attached; expected at {place} on {day}.'],
    attachment: 'pdf',
  },
  {
    subject: 'Thank you',
    turns: ['just a line to say thank you for yesterday. It saved the week.'],
  },
];
