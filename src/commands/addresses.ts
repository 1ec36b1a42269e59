import { wrap } from '../query/cli/fit.ts';
import type { Look } from '../query/cli/look.ts';
import { zoneLine } from '../query/cli/resource.ts';
import { visible } from '../query/cli/visible.ts';
import type { RefusedAddress } from '../store/ports.ts';
import { callOf, command, UsageError } from './command.ts';
import { print } from './context.ts';
import { pageOf, pageOptions } from './page-options.ts';
import { withStore } from './with-store.ts';

const NAME = 'addresses';

export const addresses = command({
  name: NAME,
  summary: 'list addresses that do not exist, or allow one again',
  args: '[allow …]',
  count: [0, 2],
  options: pageOptions(50),
  json: true,
  more: [
    'The bot remembers an address of which the mail server said that there is none, and sends it no more mails: servers take those who keep trying for spammers. allow ADDRESS lets mails go there again; a retry of a mail to it does so too.',
  ],
  examples: [NAME, `${NAME} allow john@example.com`],
  run: async ({ values, args: [verb, address] }, context) => {
    if (verb === undefined) {
      const page = pageOf(values, { name: NAME, usual: 50 });
      const refused = await withStore(context, (store) => store.refusedAddresses(page));
      print(context, { refused }, listText);
      return 0;
    }
    if (verb !== 'allow' || address === undefined)
      throw new UsageError(`${NAME} takes nothing, or allow ADDRESS.`, NAME);
    const allowed = await withStore(context, (store) => store.allowAddress(address));
    print(context, { address, allowed }, allowedText);
    return allowed ? 0 : 1;
  },
});

const listText = ({ refused }: { readonly refused: readonly RefusedAddress[] }, look: Look): string => {
  if (refused.length === 0) return 'No address is refused.\n';
  const lines = refused.map(
    ({ address, at, message }) =>
      `${look.paint('bold', visible(address))}  since ${look.times.full(new Date(at))}\n${wrap(`  ${visible(message)}`, look.width, 2)}\n`,
  );
  return `${lines.join('')}\nTo send to one again: ${callOf(NAME)} allow ADDRESS\n${zoneLine(look)}`;
};

const allowedText = ({ address, allowed }: { readonly address: string; readonly allowed: boolean }): string =>
  allowed
    ? `Mails go to ${visible(address)} again. Those that failed: ${callOf('failed')}\n`
    : `${visible(address)} was not refused.\n`;
