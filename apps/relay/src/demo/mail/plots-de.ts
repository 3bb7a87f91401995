import type { Plot } from './plot.ts';

export const PLOTS_DE: readonly Plot[] = [
  {
    subject: 'Angebot {place}',
    turns: [
      'anbei das überarbeitete Angebot zum Vorhaben {place}. Gegenüber der ersten Fassung sind die Nebenkosten herausgerechnet, es bleibt bei {amount} €.\n\nDer Preis gilt bis {day}.',
      'vielen Dank, das sieht gut aus. Eine Frage noch: Ist die Anfahrt enthalten? Dann würde ich heute noch zusagen.',
      'ja, die Anfahrt ist enthalten. Dann trage ich Sie für {day} ein.',
    ],
    attachment: 'pdf',
  },
  {
    subject: 'Lieferung am {day}',
    turns: [
      'die Ware für {place} ist da. Wir könnten am {day} gegen acht anliefern. Ist jemand vor Ort?',
      'acht Uhr passt, ich bin da. Bitte hinten am Tor klingeln.',
      'alles klar, der Fahrer weiß Bescheid.',
    ],
  },
  {
    subject: 'Protokoll der Besprechung {place}',
    turns: [
      'hier kurz, was wir vereinbart haben:\n\n  1. Der Zeitplan für {place} bleibt, wie er ist.\n  2. Die Ausschreibung geht bis {day} hinaus.\n  3. Das Budget von {amount} € ist freigegeben.\n\nErgänzungen gern bis morgen.',
      'danke für das Protokoll. Bei Punkt 2 sollten wir noch festhalten, wer die Unterlagen prüft.',
    ],
    attachment: 'pdf',
  },
  {
    subject: 'Termin verschieben?',
    turns: [
      'leider klappt es bei mir am {day} doch nicht. Ginge es auch zwei Tage später, gleiche Uhrzeit?',
      'kein Problem, zwei Tage später ist gut. Ich schicke eine neue Einladung.',
      'prima, bis dann!',
    ],
  },
  {
    subject: 'Einladung: Ortstermin {place}',
    turns: ['am {day} treffen wir uns zum Ortstermin ({place}). Die Einladung für den Kalender hängt an.\n\nFeste Schuhe nicht vergessen.'],
    attachment: 'invitation',
  },
  {
    subject: 'Fotos vom Wochenende',
    about: 'life',
    turns: [
      'hier die Bilder vom See. Das letzte ist mein Lieblingsbild, da kam gerade die Sonne durch.',
      'wie schön! Das hänge ich mir in die Küche. Nächstes Mal kommen wir mit.',
    ],
    attachment: 'picture',
  },
  {
    subject: 'Urlaubsplanung',
    turns: [
      'ich würde gern die erste Januarwoche freinehmen. Hast du da schon etwas vor, oder können wir uns abwechseln?',
      'nimm die erste, ich nehme die zweite. So ist immer jemand da.',
    ],
  },
  {
    subject: 'Frage zu Rechnung {number}',
    turns: [
      'auf der Rechnung {number} stehen {amount} €, vereinbart war ein anderer Betrag. Können Sie das bitte prüfen?',
      'Sie haben recht, da ist uns der alte Satz hineingerutscht. Sie bekommen eine neue Rechnung.',
      'vielen Dank für die schnelle Antwort.',
    ],
  },
  {
    subject: 'Schlüssel für {place}',
    turns: ['der Schlüssel für {place} liegt ab {day} im Büro. Bitte beim Abholen kurz unterschreiben.'],
    folder: 'Projekte/Gartenhaus',
  },
  {
    subject: 'Elternabend am {day}',
    about: 'life',
    turns: [
      'denkst du an den Elternabend am {day}? 19 Uhr, Raum 12. Es geht um die Klassenfahrt und den Neubau der Mensa. Ich halte dir einen Platz frei.',
    ],
  },
  {
    subject: 'Kaffee nächste Woche?',
    about: 'life',
    turns: [
      'wir haben uns ewig nicht gesehen. Hast du am {day} Zeit, so gegen vier, wie immer?',
      'sehr gern! Um vier am Fenstertisch.',
      'abgemacht.',
    ],
  },
  {
    subject: 'Statik {place}: offene Punkte',
    turns: [
      'die Statik für {place} ist fast fertig. Offen sind noch die Lasten auf dem Nordgiebel und der Anschluss an den Bestand.\n\nIch brauche dazu die Pläne in der Fassung vom {day}.',
      'die Pläne kommen heute Nachmittag. Der Anschluss bleibt wie besprochen.',
    ],
    folder: 'Projekte/Neubau Nordhof',
  },
  {
    subject: 'Baustelle {place}: Bilder von heute',
    turns: ['anbei ein Bild vom Stand heute. Die Fenster sitzen, am {day} kommt der Estrich.'],
    attachment: 'picture',
    folder: 'Projekte/Neubau Nordhof',
  },
  {
    subject: 'Danke!',
    turns: ['nur kurz: Das hat heute alles wunderbar geklappt. Danke für die schnelle Hilfe!'],
  },
];
