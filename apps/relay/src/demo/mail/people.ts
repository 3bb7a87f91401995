import type { DigestMailbox } from '@stopgap/message';

type People = readonly [DigestMailbox, ...DigestMailbox[]];

const person = (name: string, address: string): DigestMailbox => ({ name, address });

export const GERMANS: People = [
  person('Katrin Vogel', 'katrin.vogel@werkstatt-vogel.test'),
  person('Deniz Arslan', 'deniz@arslan-logistik.test'),
  person('Jonas Weber', 'j.weber@weber-holzbau.test'),
  person('Mareike Schön', 'm.schoen@planquadrat.test'),
  person('Prof. Dr. Ulrike Sommer', 'sommer@uni-nordhof.test'),
  person('Tobias Krüger', 'krueger@elektro-krueger.test'),
  person('Özlem Yıldız', 'oezlem.yildiz@planquadrat.test'),
  person('Lena Braun', 'lena.braun@mailbox-nord.test'),
  person('Hausverwaltung Lindenhof', 'verwaltung@lindenhof.test'),
  person('Mama', 'ingrid.berger@mailbox-nord.test'),
  person('Grundschule am Park, Sekretariat', 'sekretariat@schule-am-park.test'),
  person('Florian Jäger', 'florian@jaeger-kaffee.test'),
];

export const OTHERS: People = [
  person('Sofia Rossi', 'sofia.rossi@studio-rossi.test'),
  person('Tom Baker', 'tom.baker@harbour-works.test'),
  person('Emma Lindqvist', 'emma@lindqvist.test'),
  person('Priya Nair', 'priya.nair@brightline.test'),
  person('Marek Novák', 'marek@novak-print.test'),
  person('Grace O’Connor', 'grace@oconnor-law.test'),
  person('Hiroshi Tanaka', 'tanaka@harbour-works.test'),
  person('Amara Diallo', 'amara.diallo@brightline.test'),
  person('Luca Moretti', 'luca@moretti-wines.test'),
  person('Dad', 'george.carter@northmail.test'),
  person('Riverside Running Club', 'hello@riverside-runners.test'),
  person('Zoë Martin', 'zoe.martin@studio-rossi.test'),
];
