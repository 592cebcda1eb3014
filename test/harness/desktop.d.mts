export declare function openDesktop(options: {
  extension: string;
  folder: string;
  file: string;
  oldest: string;
  dataDir: string;
  download(): Promise<string>;
  env?: NodeJS.ProcessEnv;
  startMs?: number;
}): Promise<string | null>;
