import { EventEmitter } from 'node:events';
import type { SeenDialog, SeenMessage } from './slack-app-types.ts';

/** What everybody sees, and which command, click or submission each thing came of. */
export type Screen = {
  readonly messages: readonly SeenMessage[];
  readonly dialogs: readonly SeenDialog[];
  show(message: SeenMessage, cause: string | undefined): void;
  /** Puts something else in a message's place; false where it is not there any more. */
  change(ts: string, change: Pick<SeenMessage, 'text' | 'blocks'>, cause: string | undefined): boolean;
  take(ts: string): boolean;
  open(view: SeenDialog['view'], cause: string): SeenDialog;
  /** undefined where there is no such dialog, or it is closed. */
  update(id: string, view: SeenDialog['view']): SeenDialog | undefined;
  /** From now on a dialog also counts as coming of that. */
  adopt(id: string, cause: string): void;
  shut(id: string): void;
  messagesOf(cause: string): readonly SeenMessage[];
  dialogOf(cause: string): SeenDialog | undefined;
  /** Resolves with what `look` finds, as soon as it finds something. */
  until<Found>(what: string, look: () => Found | undefined): Promise<Found>;
};

const PATIENCE = 10_000;

export const createScreen = (): Screen => {
  const messages: SeenMessage[] = [];
  const dialogs: SeenDialog[] = [];
  const causes = new Map<string, Set<string>>();
  const changes = new EventEmitter().setMaxListeners(0);
  let count = 0;

  const note = (id: string, cause: string | undefined): void => {
    if (cause !== undefined) causes.set(id, (causes.get(id) ?? new Set()).add(cause));
    changes.emit('change');
  };
  const indexOf = (ts: string): number => messages.findIndex((message) => message.ts === ts);
  const setDialog = (dialog: SeenDialog): SeenDialog => {
    dialogs[dialogs.findIndex(({ id }) => id === dialog.id)] = dialog;
    changes.emit('change');
    return dialog;
  };
  const hash = (): string => {
    count += 1;
    return `${count}.hash`;
  };

  const screen: Screen = {
    messages,
    dialogs,
    show(message, cause) {
      messages.push(message);
      note(message.ts, cause);
    },
    change(ts, change, cause) {
      const message = messages[indexOf(ts)];
      if (!message) return false;
      messages[indexOf(ts)] = { ...message, ...change };
      note(ts, cause);
      return true;
    },
    take(ts) {
      const index = indexOf(ts);
      if (index !== -1) messages.splice(index, 1);
      changes.emit('change');
      return index !== -1;
    },
    open(view, cause) {
      const dialog = { id: `V0${(dialogs.length + 1).toString().padStart(8, '0')}`, hash: hash(), view, open: true };
      dialogs.push(dialog);
      note(dialog.id, cause);
      return dialog;
    },
    update(id, view) {
      const dialog = dialogs.find((each) => each.id === id);
      return dialog?.open ? setDialog({ ...dialog, view, hash: hash() }) : undefined;
    },
    adopt: note,
    shut(id) {
      const dialog = dialogs.find((each) => each.id === id);
      if (dialog) setDialog({ ...dialog, open: false });
    },
    messagesOf: (cause) => messages.filter(({ ts }) => causes.get(ts)?.has(cause)),
    dialogOf: (cause) => dialogs.find(({ id }) => causes.get(id)?.has(cause)),
    until: (what, look) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          changes.off('change', check);
        };
        const check = (): void => {
          try {
            const found = look();
            if (found === undefined) return;
            end();
            resolve(found);
          } catch (error) {
            end();
            reject(error);
          }
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(`${what} did not appear; there is ${JSON.stringify({ messages, dialogs }, null, 1)}`));
        }, PATIENCE);
        changes.on('change', check);
        check();
      }),
  };
  return screen;
};
