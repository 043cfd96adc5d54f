/** Codes of the command line's errors and their meaning. The codes are stable. */
export const CLI_ERRORS = {
  CLI_UNKNOWN_COMMAND: 'There is no such command.',
  CLI_NAME_MISSING: 'The command needs the name of a user.',
  CLI_TOKEN_MISSING: 'The command needs the name or the id of a token.',
  CLI_TOKEN_USER_MISSING: 'The command needs the user of the token.',
  CLI_SCOPE_UNKNOWN: 'A scope is missing, or there is no such scope.',
  CLI_LIFE_INVALID: 'The life of a token is a number and s, m, h or d.',
  CLI_PASSWORD_MISSING: 'No password came in on standard input.',
  CLI_PASSWORDS_DIFFER: 'The two passwords typed are not the same.',
  CLI_OPTION_INVALID: 'The value of a flag, or the content of a file that it names, cannot be used.',
  CLI_NO_URL: 'It is not known where the fleet is.',
  CLI_LOGIN_MISSING: 'It is not known as whom to call.',
  CLI_UNTRUSTED: 'The certificate of the server is not trusted.',
  CLI_NOT_AS_ASKED: 'A desktop is not as it was asked for.',
  CLI_INTERRUPTED: 'Ctrl-C was pressed.',
} as const;

export type CliErrorCode = keyof typeof CLI_ERRORS;

export class CliError extends Error {
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, detail: string = CLI_ERRORS[code]) {
    super(detail);
    this.name = 'CliError';
    this.code = code;
  }
}
