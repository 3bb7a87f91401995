import { expect, test } from 'vitest';
import type { Mailbox } from '../api/methods.ts';
import { de } from '../words/de.ts';
import { treeOf } from './mailbox-tree.ts';

const mailbox = (id: string, name: string, some: Partial<Mailbox> = {}): Mailbox => ({
  id,
  name,
  parentId: null,
  role: null,
  sortOrder: 0,
  totalEmails: 0,
  unreadEmails: 0,
  ...some,
});

test('a folder that is called as one of ours, and is none, says so; below another one it can be told by that', () => {
  const { nodes } = treeOf(
    [
      mailbox('1', 'Sent', { role: 'sent' }),
      mailbox('2', 'gesendet'),
      mailbox('3', 'Postausgang'),
      mailbox('4', 'Outbox'),
      mailbox('5', 'Postausgang', { parentId: '4' }),
    ],
    de,
  );
  expect(nodes.map(({ path }) => path)).toEqual(['Gesendet', 'gesendet (Ordner)', 'Outbox', 'Outbox/Postausgang', 'Postausgang (Ordner)']);
});

test('what people look for stands first, children under their parents, and nobody is lost', () => {
  const { nodes, byRole, below } = treeOf(
    [
      mailbox('5', 'Alt', { parentId: '4' }),
      mailbox('4', 'Projekte'),
      mailbox('3', 'Trash', { role: 'trash' }),
      mailbox('1', 'INBOX', { role: 'inbox' }),
      mailbox('6', 'Waise', { parentId: 'gone' }),
      mailbox('7', '10'),
      mailbox('8', '9'),
    ],
    de,
  );
  expect(nodes.map(({ label, depth }) => [label, depth])).toEqual([
    ['Posteingang', 0],
    ['Papierkorb', 0],
    ['9', 0],
    ['10', 0],
    ['Projekte', 0],
    ['Alt', 1],
    ['Waise', 0],
  ]);
  expect(byRole('inbox')?.mailbox.id).toBe('1');
  expect(byRole('sent')).toBeUndefined();
  expect(below('4').map(({ path }) => path)).toEqual(['Projekte/Alt']);
  expect(below('6')).toEqual([]);
  expect(below('gone')).toEqual([]);
});
