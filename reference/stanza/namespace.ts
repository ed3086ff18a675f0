/** The namespace of every element of the protocol, and the feature an account's disco#info lists. */
export const WEBPUSH = 'urn:xmpp:webpush:0';
