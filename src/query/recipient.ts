/** Who or what a destination names, without its kind: `john@example.com` of `email:john@example.com`. */
export const recipientOf = (destination: string): string => destination.slice(destination.indexOf(':') + 1);
