// The file that a supervised call is about: found once, proven to be the plugin's to write to, then held by a descriptor.

import { type BigIntStats, closeSync, fstatSync } from "node:fs";
import { closing } from "../../../base/closing.ts";
import { isOwn } from "../../../platform/linux/files/own-files.ts";
import { isOpenForWriting, isPathOnly } from "../../../platform/linux/kernel/descriptors.ts";
import { type BytePath, type Caller, WORKING_DIRECTORY } from "./caller.ts";
import { Refused } from "./refused.ts";
import { type WritablePlaces, whereIs } from "./writable-places.ts";

/** How a path names a descriptor of whoever uses it: the C library's way to change what it has opened with O_PATH. */
const DESCRIPTOR_PATH = /^\/(?:proc\/(?:thread-)?self\/fd|dev\/fd)\/(\d{1,9})$/;

export class Target implements Disposable {
  readonly descriptor: number;
  readonly status: BigIntStats;

  /** Takes over the descriptor. @throws Refused EPERM for what is no file of anybody's own */
  private constructor(descriptor: number) {
    this.descriptor = descriptor;
    this.status = fstatSync(descriptor, { bigint: true });
  }

  /**
   * What a descriptor of the caller is open on. That it is open for writing proves the right: the system has asked for it.
   * @param mayNameOnly whether it may be one of those that only name a file
   * @throws Refused EPERM, EBADF; CallError
   */
  static ofDescriptor(caller: Caller, number: number, places: WritablePlaces, mayNameOnly = false): Target {
    const target = new Target(caller.descriptor(number));
    try {
      if (!mayNameOnly && isPathOnly(target.descriptor)) throw new Refused("EBADF");
      const isProven = target.status.isFile() && isOpenForWriting(target.descriptor);
      if (!isProven) target.requireBeneath(places);
      return target.own();
    } catch (error) {
      target[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * What a path of the caller leads to.
   * @param directory where it begins if it is relative
   * @throws Refused EPERM, ENOENT; CallError
   */
  static ofPath(
    caller: Caller,
    directory: number,
    path: BytePath,
    places: WritablePlaces,
    followsLast: boolean,
  ): Target {
    if (path === "") throw new Refused("ENOENT");
    const number = followsLast ? DESCRIPTOR_PATH.exec(path)?.[1] : undefined;
    if (number !== undefined) return Target.ofDescriptor(caller, Number(number), places, true);
    const absolute = path.startsWith("/") ? path : `${caller.directory(directory)}/${path}`;
    return Target.opened(places.open(absolute, followsLast));
  }

  /** What the caller's working directory is, or a descriptor of any kind. @throws as the others */
  static itself(caller: Caller, number: number, places: WritablePlaces): Target {
    if (number !== WORKING_DIRECTORY) return Target.ofDescriptor(caller, number, places, true);
    return Target.opened(places.open(caller.directory(number), false));
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }

  private static opened(descriptor: number): Target {
    const target = new Target(descriptor);
    try {
      return target.own();
    } catch (error) {
      target[Symbol.dispose]();
      throw error;
    }
  }

  /** A device is not the plugin's, even where it may be written to, nor is what dlrpc has put there. */
  private own(): this {
    const { status } = this;
    if (status.isCharacterDevice() || status.isBlockDevice() || isOwn(status)) throw new Refused("EPERM");
    return this;
  }

  /** Where it says to be now, the system must find the same file beneath a grant. */
  private requireBeneath(places: WritablePlaces): void {
    const found = places.open(whereIs(this.descriptor), false);
    using _ = closing(found);
    const { dev, ino } = fstatSync(found, { bigint: true });
    if (dev !== this.status.dev || ino !== this.status.ino) throw new Refused("EPERM");
  }
}
