// Declares what is used of postject, which has no types of its own.

declare module "postject" {
  /** Puts `data` into an executable, in place. */
  export function inject(
    executable: string,
    name: string,
    data: Buffer,
    options: { sentinelFuse: string; machoSegmentName: string },
  ): Promise<void>;
}
