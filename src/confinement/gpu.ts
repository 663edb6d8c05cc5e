// Owns what a graphics card is reached by, as the drivers of NVIDIA, AMD and Intel have it: devices, what these drivers and
// the libraries before them read, and the variables that say where they keep what they have compiled (S10).

import { readdirSync } from "node:fs";

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

/** Of CUDA, NVIDIA's OpenGL and Vulkan, Mesa, Intel's and AMD's compilers. */
export const gpuCacheVariables = [
  "CUDA_CACHE_PATH",
  "__GL_SHADER_DISK_CACHE_PATH",
  "MESA_SHADER_CACHE_DIR",
  "NEO_CACHE_DIR",
  "AMD_COMGR_CACHE_DIR",
];

/** None where there is no such directory, or it must not be listed. */
function entries(directory: string, beginning: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.startsWith(beginning))
      .map((name) => `${directory}/${name}`);
  } catch (error) {
    if (["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}
