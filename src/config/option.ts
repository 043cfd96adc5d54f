import type { ValueType } from './values.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything about one setting. */
export interface Option<Value> {
  /** The flag without its dashes. The key in the YAML file is the same. */
  readonly flag: string;
  readonly type: ValueType<NonNullable<Value>>;
  readonly defaultValue: (env: Environment) => Value;
  /** Whether the value is a file or folder, relative to the place where it is written. */
  readonly isPath?: boolean;
  /** Whether a repeated flag adds to the earlier ones. Other flags replace them. */
  readonly isList?: boolean;
  /** Names of the key and of those above it in the YAML file, joined by dots: another way to write it there. */
  readonly yamlPath?: string;
  readonly help: string;
  /** The default in words, if its value does not say it. */
  readonly defaultHelp?: string;
}
