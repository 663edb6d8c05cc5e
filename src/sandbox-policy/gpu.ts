// What a graphics card is reached by, as the drivers of NVIDIA, AMD and Intel have it: devices, and what they read (S10).

import { readdirSync } from "node:fs";
import { tolerating } from "../base/failures.ts";

/** As they are there now: /dev/nvidia0, /dev/nvidiactl, /dev/nvidia-uvm …; one that comes later is not among them. */
export function gpuDevices(): string[] {
  return ["/dev/kfd", "/dev/dri", ...entries("/dev", "nvidia")];
}

/** What else is read of them, beside libraries. */
export function gpuData(): string[] {
  return [...ofSystem, ...ofVendors, ...entries("/sys/devices", "pci")];
}

const ofSystem = [
  "/proc/driver/nvidia",
  "/sys/bus/pci",
  "/sys/class/drm",
  "/sys/class/kfd",
  "/sys/dev/char",
  "/sys/devices/virtual/kfd",
  "/sys/module/amdgpu",
  "/sys/module/nvidia",
];
const ofVendors = [
  "/etc/OpenCL",
  "/etc/glvnd",
  "/etc/nvidia",
  "/etc/vulkan",
  "/opt/rocm",
  "/usr/local/cuda",
  "/usr/share/drirc.d",
  "/usr/share/glvnd",
  "/usr/share/libdrm",
  "/usr/share/nvidia",
  "/usr/share/vulkan",
];

/** None where there is no such directory, or it must not be listed. */
function entries(directory: string, beginning: string): string[] {
  const names = tolerating(["ENOENT", "EACCES"], () => readdirSync(directory)) ?? [];
  return names.filter((name) => name.startsWith(beginning)).map((name) => `${directory}/${name}`);
}
