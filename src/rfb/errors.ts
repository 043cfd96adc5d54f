/** Why the RFB port ended a connection before its viewer had logged in. */
export const RFB_PORT_ERRORS = {
  RFB_LOGIN_TIMED_OUT: 'A viewer did not log in in time.',
  RFB_NEWCOMERS_FULL: 'Too many viewers at the RFB port had not logged in.',
  RFB_ADDRESS_NEWCOMERS_FULL: 'Too many viewers of one address had not logged in at the RFB port.',
  RFB_NO_COMMON_SECURITY: 'A viewer supports none of the logins that the RFB port offers.',
  RFB_TLS_FAILED:
    'A viewer left the RFB port in or after the TLS handshake. It may not trust the certificate.',
} as const;

export type RfbPortErrorCode = keyof typeof RFB_PORT_ERRORS;
