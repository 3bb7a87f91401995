import type { Command } from '../client.ts';
import { no, ok } from '../replies.ts';

/** RFC 4978. */
export const compress: Command = {
  state: 'authenticated',
  provides: ['COMPRESS=DEFLATE'],
  run(args, client) {
    args.space();
    const algorithm = args.word();
    args.end();
    if (algorithm !== 'DEFLATE') return no('No such algorithm', 'CANNOT');
    if (client.isCompressed) return no('It is compressed already', 'COMPRESSIONACTIVE');
    return { ...ok('Compression begins'), afterwards: () => client.startCompression() };
  },
};
