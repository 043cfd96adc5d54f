/** Codes of configuration errors and their meaning. The codes are stable. */
export const CFG_ERRORS = {
  CFG_UNKNOWN_FLAG: 'There is no such flag.',
  CFG_FLAG_NEEDS_VALUE: 'The flag needs a value after it.',
  CFG_FLAG_TAKES_NO_VALUE: 'The flag takes no value.',
  CFG_UNEXPECTED_ARGUMENT: 'The command takes no such argument.',
  CFG_FILE_UNREADABLE: 'The configuration file cannot be read.',
  CFG_YAML_BROKEN: 'The configuration file is not valid YAML.',
  CFG_UNKNOWN_KEY: 'The configuration file has a key that does not exist.',
  CFG_BAD_VALUE: 'The value is not one of those allowed.',
  CFG_MAX_SIZE_TOO_SMALL: 'The largest size is smaller than the size at start.',
  CFG_PASSWORD_TWICE: "The first owner's password is given in more than one way.",
  CFG_PASSWORD_UNREADABLE: "The file or descriptor with the first owner's password cannot be read.",
  CFG_INSECURE_ADDRESS: 'Plain HTTP would be readable on the network.',
  CFG_USER_HEADER_WITHOUT_PROXY: 'A header names users, and no proxy is trusted to send it.',
  CFG_EDGE_KEY: "The key of the fleet's edge cannot be used.",
  CFG_ENVIRONMENT_FILE: 'The variables of the programs cannot be used.',
  CFG_VNC_PASSWORD: 'The VNC password cannot be used.',
  CFG_STORE: "The place of the fleet's store cannot be used.",
  CFG_WEBHOOK: 'Webhooks cannot be used.',
  CFG_CERT_WITHOUT_KEY: 'A certificate and its key are given together or not at all.',
} as const;

export type ConfigErrorCode = keyof typeof CFG_ERRORS;

/** A configuration that cannot be used. The message says where it is wrong and what is allowed. */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'ConfigError';
    this.code = code;
  }
}
