import { describe, expect, it } from 'vitest';
import type { MailThread, SentInvite } from '../../../src/store/ports.ts';
import { T0 } from '../../support/builders.ts';
import { freshStores, type OpenStore } from './harness.ts';

const THREAD: MailThread = { root: '<1@example.com>', last: '<1@example.com>', subject: 'Łukasz – "Studio"' };

const INVITE: SentInvite = {
  sequence: 2,
  delivery: 'dl_1',
  version: T0 * 10 + 1,
  stamp: T0,
  method: 'REQUEST',
  times: '2027-02-15T10:00:00Z/2027-02-15T11:00:00Z',
};

const refused = (address: string, at = T0) => ({ address, at, code: '550', message: '550 5.1.1 No such user' });

export const mailContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('are kept as threads under their key, and replaced as a whole', async () => {
    const { store, reopen } = await fresh();
    await store.saveThread('k', THREAD);
    await store.saveThread('l', { ...THREAD, subject: '' });
    await store.saveThread('k', { ...THREAD, last: '<2@example.com>' });

    const again = await reopen();

    expect(await again.getThread('k')).toEqual({ ...THREAD, last: '<2@example.com>' });
    for (const key of ['K', 'm', '']) expect(await again.getThread(key)).toBeUndefined();
  });

  it('bring invites that are kept under their UID, and replaced as a whole', async () => {
    const { store, reopen } = await fresh();
    const cancel: SentInvite = { ...INVITE, sequence: 3, delivery: 'dl_2', method: 'CANCEL' };
    await store.saveInvite('bk_1@example.com', INVITE);
    await store.saveInvite('bk_2@example.com', INVITE);
    await store.saveInvite('bk_1@example.com', cancel);

    const again = await reopen();

    expect(await again.getInvite('bk_1@example.com')).toEqual(cancel);
    expect(await again.getInvite('bk_2@example.com')).toEqual(INVITE);
    expect(await again.getInvite('BK_1@example.com')).toBeUndefined();
  });

  describe('to an address that was refused', () => {
    it('are remembered as refused, whatever the case it is written in', async () => {
      const { store, reopen } = await fresh();
      await store.refuseAddress(refused('Ángel@Example.com'));

      const again = await reopen();

      expect(await again.refusedAddress('áNGEL@example.COM')).toEqual(refused('ángel@example.com'));
      expect(await again.refusedAddress('angel@example.com')).toBeUndefined();
    });

    it('keep the last reason', async () => {
      const { store } = await fresh();
      await store.refuseAddress(refused('john@example.com'));
      const later = { ...refused('john@example.com', T0 + 1), code: '551', message: 'moved' };
      await store.refuseAddress(later);

      expect(await store.refusedAddresses({ limit: 10, offset: 0 })).toEqual([later]);
    });

    it('go out again once it is allowed', async () => {
      const { store } = await fresh();
      await store.refuseAddress(refused('john@example.com'));

      expect(await store.allowAddress('JOHN@example.com')).toBe(true);
      expect(await store.allowAddress('john@example.com')).toBe(false);

      expect(await store.refusedAddress('john@example.com')).toBeUndefined();
      expect(await store.refusedAddresses({ limit: 10, offset: 0 })).toEqual([]);
    });

    it('are listed newest first, in pages', async () => {
      const { store } = await fresh();
      for (const [index, name] of ['b', 'c', 'a'].entries())
        await store.refuseAddress(refused(`${name}@x.example`, T0 + index));
      const page = async (limit: number, offset: number) =>
        (await store.refusedAddresses({ limit, offset })).map(({ address }) => address[0]);

      expect(await page(10, 0)).toEqual(['a', 'c', 'b']);
      expect(await page(1, 1)).toEqual(['c']);
      expect(await page(10, 3)).toEqual([]);
    });
  });
};
