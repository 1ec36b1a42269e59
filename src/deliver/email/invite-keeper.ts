import type { MailStore } from '../../store/ports.ts';
import { type Invite, type InviteRequest, inviteUid, type NoInvite, planInvite } from './invite.ts';
import { inviteFault } from './invite-guard.ts';

export type InviteKeeper = {
  /**
   * The invite that belongs into a mail, remembered before it goes out: an attempt that comes after a crash says the same.
   * `none` says why the mail goes without one. Rejects only where the store fails.
   */
  prepare(request: InviteRequest): Promise<Invite | NoInvite>;
};

export const createInviteKeeper = (deps: {
  readonly store: Pick<MailStore, 'getInvite' | 'saveInvite'>;
  readonly now: () => number;
}): InviteKeeper => ({
  async prepare(request) {
    const key = inviteKey(request);
    const previous = await deps.store.getInvite(key);
    const invite = planInvite(request, previous, deps.now());
    if ('none' in invite) return invite;
    const fault = inviteFault(invite, previous);
    if (fault) return { none: `calendars would ignore or misread it: ${fault}` };
    await deps.store.saveInvite(key, invite.sent);
    return invite;
  },
});

/** Each recipient has a calendar of their own: that one was told of it says nothing about another's. */
export const inviteKey = ({ resource, attendee }: InviteRequest): string =>
  `${inviteUid(resource)} ${attendee.address.toLowerCase()}`;
