import type { DigestMailbox } from '@stopgap/message';

export type People = readonly [DigestMailbox, ...DigestMailbox[]];

/** Who writes about work, and who about the rest of life. */
export interface Circle {
  readonly work: People;
  readonly life: People;
}

const person = (name: string, address: string): DigestMailbox => ({ name, address });

export const GERMANS: Circle = {
  work: [
    person('Katrin Vogel', 'katrin.vogel@werkstatt-vogel.test'),
    person('Deniz Arslan', 'deniz@arslan-logistik.test'),
    person('Jonas Weber', 'j.weber@weber-holzbau.test'),
    person('Mareike Schön', 'm.schoen@planquadrat.test'),
    person('Ulrike Sommer', 'sommer@uni-nordhof.test'),
    person('Tobias Krüger', 'krueger@elektro-krueger.test'),
    person('Özlem Yıldız', 'oezlem.yildiz@planquadrat.test'),
    person('Hausverwaltung Lindenhof', 'verwaltung@lindenhof.test'),
  ],
  life: [
    person('Mama', 'ingrid.berger@mailbox-nord.test'),
    person('Lena Braun', 'lena.braun@mailbox-nord.test'),
    person('Florian Jäger', 'florian@jaeger-kaffee.test'),
    person('Jule und Aylin', 'jule.hansen@mailbox-nord.test'),
  ],
};

export const OTHERS: Circle = {
  work: [
    person('Sofia Rossi', 'sofia.rossi@studio-rossi.test'),
    person('Tom Baker', 'tom.baker@harbour-works.test'),
    person('Priya Nair', 'priya.nair@brightline.test'),
    person('Marek Novák', 'marek@novak-print.test'),
    person('Grace O’Connor', 'grace@oconnor-law.test'),
    person('Hiroshi Tanaka', 'tanaka@harbour-works.test'),
    person('Amara Diallo', 'amara.diallo@brightline.test'),
  ],
  life: [
    person('Dad', 'george.carter@northmail.test'),
    person('Emma Lindqvist', 'emma@lindqvist.test'),
    person('Luca Moretti', 'luca@moretti-wines.test'),
    person('Zoë Martin', 'zoe.martin@northmail.test'),
  ],
};
