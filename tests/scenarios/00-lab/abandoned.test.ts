import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isOpen, startLab, until } from '../../lab/index.ts';
import { groupMembers } from '../../lab/processes.ts';

const OWNER = `
  const { startLab } = await import(process.argv[1]);
  const lab = await startLab({ parts: ['dovecot', 'postfix'] });
  console.log(JSON.stringify({ dir: lab.dir, groups: lab.groups(), ports: [lab.ports.imap, lab.ports.smtp, lab.ports.sink] }));
  setInterval(() => {}, 1000);
`;

test('the next lab ends what a killed test run has left behind', async () => {
  const lab = join(import.meta.dirname, '../../lab/index.ts');
  const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER, lab], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  const left = JSON.parse(line.toString()) as { dir: string; groups: number[]; ports: number[] };
  expect(left.groups).toHaveLength(3);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  for (const group of left.groups) expect(groupMembers(group)).not.toHaveLength(0);

  await using next = await startLab({ parts: ['dovecot'] });
  expect(next.dir).not.toBe(left.dir);
  for (const group of left.groups) await until('the old group is gone', () => groupMembers(group).length === 0);
  for (const port of left.ports) await until('the old port is free', async () => !(await isOpen(port)));
  expect(existsSync(left.dir)).toBe(false);
});
