import type { MailStore } from '../../store/ports.ts';
import { type Invite, type InviteRequest, inviteUid, type NoInvite, planInvite } from './invite.ts';
import { inviteFault } from './invite-guard.ts';

export type InviteKeeper = {
  /**
   * The invite that belongs into a mail. It is stored before the mail goes out, so that an attempt after a crash sends the
   * same one. `none` says why there is no invite. Rejects only where the store fails.
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

/** Per recipient, since each has a calendar of their own. */
const inviteKey = ({ resource, attendee }: InviteRequest): string =>
  `${inviteUid(resource)} ${attendee.address.toLowerCase()}`;
