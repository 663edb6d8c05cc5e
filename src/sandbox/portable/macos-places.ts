// Where macOS keeps what a confined process may reach, as canonical paths: /etc, /tmp and /var are links into /private.

/** The system's libraries, Rosetta's translations, and those of Homebrew, MacPorts and Nix. */
export const libraries = [
  "/usr/lib",
  "/System/Library",
  "/System/Cryptexes",
  "/System/Volumes/Preboot/Cryptexes",
  "/System/iOSSupport",
  "/Library/Apple",
  "/private/var/db/oah",
  "/usr/local/lib",
  "/usr/local/Cellar",
  "/opt/homebrew/lib",
  "/opt/homebrew/Cellar",
  "/opt/local/lib",
  "/nix/store",
];

export const programs = ["/bin", "/sbin", "/usr", "/opt/homebrew/bin", "/private/var/select"];

/** What a C library reads to know the time of the day and the words of a language. */
export const data = [
  "/private/etc/localtime",
  "/private/var/db/timezone",
  "/usr/share/icu",
  "/usr/share/locale",
  "/usr/share/zoneinfo",
  "/usr/share/zoneinfo.default",
];

/** What a C library and TLS need to find and to know a host. */
export const networkData = [
  "/private/etc/hosts",
  "/private/etc/protocols",
  "/private/etc/resolv.conf",
  "/private/etc/services",
  "/private/etc/ssl",
  "/private/var/run/resolv.conf",
];

export const devices = "/dev";
export const harmlessDevices = ["/dev/null", "/dev/zero"];
/** The last are what a process has open itself. */
export const readableDevices = ["/dev/random", "/dev/urandom", "/dev/dtracehelper", "/dev/fd"];

/** Services that a C library asks: what changes while it runs (notify(3)), where it logs, who a user is. */
export const services = [
  "com.apple.logd",
  "com.apple.system.logger",
  "com.apple.system.notification_center",
  "com.apple.system.opendirectoryd.libinfo",
];

/** Which servers know names, and whether a certificate is to be believed. Not whoever keeps passwords. */
export const networkServices = [
  "com.apple.SystemConfiguration.DNSConfiguration",
  "com.apple.SystemConfiguration.configd",
  "com.apple.dnssd.service",
  "com.apple.networkd",
  "com.apple.trustd.agent",
];
export const nameServer = "/private/var/run/mDNSResponder";

/** What Metal opens, and who compiles for it. */
export const gpuClients = [
  "AGXDeviceUserClient",
  "IOAccelerationUserClient",
  "IOSurfaceRootUserClient",
  "IOSurfaceSendRight",
];
export const gpuService = "com.apple.MTLCompilerService";
