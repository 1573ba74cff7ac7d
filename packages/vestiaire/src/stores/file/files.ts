// Calls to the file system for which some errors are ordinary answers, since other processes make and remove the same
// files at the same time.

import { mkdirSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";

export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(error.code as string);
}

/** Whether there was no room for what was to be written. */
export function isFull(error: unknown): boolean {
  return isCode(error, "ENOSPC", "EDQUOT");
}

/** Removes a file, if it is there. Whether it was. */
export function discard(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
    return false;
  }
}

/** The names in a folder; `null` when there is no such folder. */
export function names(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

/** Makes a folder in one that is there, unless somebody did. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, FOLDER_MODE);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
}

/** Removes a folder, if it is there and empty. */
export function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!isCode(error, "ENOTEMPTY", "EEXIST", "ENOENT")) throw error;
  }
}

/** What to throw when a `write` took only part of its bytes: the disk is full, most likely. */
export function writtenInPart(): Error {
  return Object.assign(new Error("a line was written in part"), { code: "ENOSPC" });
}
