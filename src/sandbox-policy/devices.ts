// The devices that any process may use, and which directory they lie in.

import { isWithin } from "../base/paths.ts";

export const devices = "/dev";
export const harmlessDevices = ["/dev/null", "/dev/zero", "/dev/full"];
export const randomDevices = ["/dev/random", "/dev/urandom"];
/** A directory of files among the devices. */
export const sharedMemory = "/dev/shm";

/** Whether it lies where devices do, and is none that anybody may read. @param path canonical */
export function isWithheldDevice(path: string): boolean {
  const free = [...harmlessDevices, ...randomDevices, sharedMemory];
  return isWithin(path, devices) && !free.some((place) => isWithin(path, place));
}
