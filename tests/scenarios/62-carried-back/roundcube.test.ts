/* What is done here goes back by the webmail alone. */
import { carriedBack, type Kill } from './way.ts';

const killed = (at: Kill['at'], match: string | RegExp, isDelivered: boolean): Kill => ({
  at,
  weather: { mode: 'stallRequest', match, delivered: isDelivered, times: 1 },
  isDelivered,
});

carriedBack({
  kind: 'roundcube',
  scene: { incoming: ['roundcube'], lab: { users: ['alice'], parts: ['dovecot', 'roundcube'] } },
  doors: ['roundcube'],
  tellsKeywords: false,
  kills: [
    killed('append', '_action=import', false),
    killed('append', '_action=import', true),
    killed('move', '_action=move', true),
    killed('flags', '_flag=flagged', true),
    killed('expunge', /_action=delete(?!-)/, false),
    killed('expunge', /_action=delete(?!-)/, true),
    killed('create', '_name=Mappe', true),
    killed('rename', '_name=Projekt', true),
    killed('delete', '_action=delete-folder', true),
  ],
});
